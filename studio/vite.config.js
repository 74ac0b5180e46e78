import { firstScreen } from './tools/first-screen.mjs';
import { alias } from './tools/preact.mjs';

export default {
  resolve: { alias },
  // The page works in any folder.
  base: './',
  plugins: [firstScreen()],
  // As new as the keys of the browser's own that approvals are signed with, `light-dark()` and container queries.
  build: {
    target: ['chrome123', 'firefox129', 'safari17.5'],
    // The package's wasm keeps its bytes: it is checked against its SHA-384.
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Controls are small, and many places share them: in a file for each they take 4 kB more.
      output: { codeSplitting: { groups: [{ name: 'ui', test: /studio.src.ui./ }] } },
    },
  },
};
