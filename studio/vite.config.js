import { firstScreen } from './tools/first-screen.mjs';

export default {
  // The page works in any folder.
  base: './',
  plugins: [firstScreen()],
  // As new as the keys of the browser's own that approvals are signed with, `light-dark()` and container queries.
  build: {
    target: ['chrome123', 'firefox129', 'safari17.5'],
    // The package's wasm keeps its bytes: it is checked against its SHA-384.
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Libraries say which of them need a client, to servers that render. Here is none.
      onwarn: (warning, warn) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && warn(warning),
    },
  },
};
