export default {
  // The page works in any folder.
  base: './',
  build: {
    // The package's wasm keeps its bytes: it is checked against its SHA-384.
    assetsInlineLimit: 0,
  },
};
