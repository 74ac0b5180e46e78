// Writes dist/*.js: one file for each entry, with all that it imports, so that a page has nothing to wait for in between and its bundler
// nothing to cut up: 0.5 kB brotli. What is imported on demand is an entry of its own. Run by `npm run build` after tools/integrity.mjs.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** `import()` stays as it is written: beside the file that has it lies the file that it names. */
const onDemand = {
  name: 'on-demand',
  setup: ({ onResolve }) => onResolve({ filter: /^\./ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)),
};

/** The oldest browsers, in esbuild's names; it has none for Android's. tests/browsers looks at what comes of it. */
const { browserslist } = JSON.parse(await readFile(new URL('../package.json', import.meta.url)));
const target = browserslist.filter((line) => !line.startsWith('and_')).map((line) => line.replace('ios_saf', 'ios').replace(' >= ', ''));

await build({
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  entryPoints: ['index', 'recorder', 'lists', 'indexed', 'studio'].map((name) => `src/${name}.ts`),
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  target,
  charset: 'utf8',
  // It would write `new RegExp`, and browsers would throw instead of not parsing.
  logOverride: { 'unsupported-regexp': 'error' },
  plugins: [onDemand],
  logLevel: 'warning',
});
