import { collector } from '../collector.mjs';

/** The worker is one file of its own, which every browser takes: `vite build --mode worker`. */
const worker = {
  emptyOutDir: false,
  rollupOptions: { input: 'src/service.js', output: { format: 'iife', entryFileNames: 'service.js' } },
};

export default ({ mode }) => ({ plugins: [collector()], ...(mode === 'worker' && { publicDir: false, build: worker }) });
