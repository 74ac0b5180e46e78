// Writes dist/*.js: one file for each entry, with all that it imports, so that a page has nothing to wait for in between and its bundler
// nothing to cut up: 0.5 kB brotli. What is imported on demand is an entry of its own. Run by `npm run build` after tools/integrity.mjs.
import { copyFile, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src/');
const ENTRIES = ['index', 'exposures/recorder', 'client/lists', 'exposures/indexed', 'studio'];

/** Entries lie side by side in dist, so that `import()` of one names it alone. What is no source (the studio's glue) stays as it is written. */
const onDemand = {
  name: 'on-demand',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      return { path: join(resolveDir, path).startsWith(SOURCE) ? `./${basename(path)}` : path, external: true };
    }),
};

/** The oldest browsers, in esbuild's names; it has none for Android's. tests/browsers looks at what comes of it. */
const { browserslist } = JSON.parse(await readFile(new URL('../package.json', import.meta.url)));
const target = browserslist.filter((line) => !line.startsWith('and_')).map((line) => line.replace('ios_saf', 'ios').replace(' >= ', ''));

await build({
  absWorkingDir: ROOT,
  entryPoints: ENTRIES.map((path) => ({ in: `src/${path}.ts`, out: basename(path) })),
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

// The modules one by one, which tests look into, look for the engine where dist/index.js has it: in the folder beside their own.
await copyFile(join(ROOT, 'engine/engine.wasm'), join(ROOT, 'build/engine/engine.wasm'));
