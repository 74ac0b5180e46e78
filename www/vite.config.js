import { fileURLToPath } from 'node:url';

const page = (name) => fileURLToPath(new URL(name, import.meta.url));

export default {
  // The page works in any folder.
  base: './',
  build: {
    target: 'es2022',
    rollupOptions: { input: [page('index.html'), page('about.html')] },
    // The package's wasm keeps its bytes: it is checked against its SHA-384.
    assetsInlineLimit: 0,
  },
};
