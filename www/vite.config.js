import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The oldest browsers that the package promises, which pkg/tests/browsers holds this page to, too. */
const { browserslist } = JSON.parse(readFileSync(new URL('../pkg/package.json', import.meta.url)));
const target = browserslist.filter((line) => !line.startsWith('and_')).map((line) => line.replace('ios_saf', 'ios').replace(' >= ', ''));

const page = (name) => fileURLToPath(new URL(name, import.meta.url));

export default {
  // The page works in any folder.
  base: './',
  build: {
    target,
    rollupOptions: { input: [page('index.html'), page('about.html')] },
    // The package's wasm keeps its bytes: it is checked against its SHA-384.
    assetsInlineLimit: 0,
  },
};
