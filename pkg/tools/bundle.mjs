// Writes dist/*.js: one file for each entry, with all that it imports, so that a page has nothing to wait for in between and its bundler
// nothing to cut up: 0.5 kB brotli. Run by `npm run build` after tools/wasm-texts.mjs.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ENTRIES = ['index', 'lean', 'exposures', 'context', 'preview', 'hydrate', 'server', 'studio', 'testing'];
/** Entries that call objects of libraries that a page has. */
const ADAPTERS = ['react', 'openfeature', 'openfeature-server'];

/** What Node alone runs. */
const FOR_NODE = ['rules', 'vite'];

/** Pure ASCII, as classic scripts take the page's charset. */
const TRANSLATED = ['compat'];

const points = (names) => names.map((path) => ({ in: `src/${path}.ts`, out: basename(path) }));

/** The studio's glue looks for its wasm beside itself, and stays there. */
const glue = {
  name: 'glue',
  setup: ({ onResolve }) => onResolve({ filter: /^\.\.\/studio\/studio\.js$/ }, ({ path }) => ({ path, external: true })),
};

/**
 * Names of properties that only the package's own modules use, which are therefore cut to a letter: no bundler of a page may do so, and it is
 * 0.1 kB brotli. None is a name of the public types, of an option, of what wasm exports, or of a browser's object.
 */
const INTERNAL = `
  onExposure onStop onWanted obstacle isWhole until recorded turn packed detailed chances first second highest
  raise kept isKept makeRoom emit tell remember idle wasm onAdopted rules units persists lines forget missing turned guarded
  adopted grow recorder stale validUntil details
  facts notice plug plugs
`
  .trim()
  .split(/\s+/);
/** In the order in which esbuild uses them, more or less: what is short and what is frequent coincide. */
const LETTERS = 'esntiroahcufAldpgvmbywxjkqzBCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The oldest browsers, in esbuild's names; it has none for Android's. tests/browsers looks at what comes of it. */
const { browserslist } = JSON.parse(await readFile(new URL('../package.json', import.meta.url)));
const target = browserslist.filter((line) => !line.startsWith('and_')).map((line) => line.replace('ios_saf', 'ios').replace(' >= ', ''));

const options = {
  absWorkingDir: ROOT,
  outdir: 'dist',
  bundle: true,
  // Each entry is bundled by itself: without it, each would have letters of its own.
  mangleCache: Object.fromEntries(INTERNAL.map((name, index) => [name, LETTERS[index]])),
  format: 'esm',
  target,
  charset: 'utf8',
  // It would write `new RegExp`, and browsers would throw instead of not parsing.
  logOverride: { 'unsupported-regexp': 'error' },
  plugins: [glue],
  logLevel: 'warning',
};
const mangled = (names) => new RegExp(`^(?:${names.join('|')})$`);
await build({ ...options, entryPoints: points(ENTRIES), mangleProps: mangled(INTERNAL) });
// Emitters of theirs have an `emit`, too.
const own = INTERNAL.filter((name) => name !== 'emit');
await build({ ...options, entryPoints: points(ADAPTERS), mangleProps: mangled(own), external: ['@openfeature/*', 'react'] });
await build({ ...options, entryPoints: points(TRANSLATED), minify: true, charset: 'ascii' });

// The wasm and the host of `npx waft` stay where they are.
await build({
  absWorkingDir: ROOT,
  entryPoints: FOR_NODE.map((path) => `src/${path}.ts`),
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  charset: 'utf8',
  plugins: [
    {
      name: 'commands',
      setup({ onResolve }) {
        // What talks to a client has the letters of the other entries.
        onResolve({ filter: /^\.\.\/preview\.js$/ }, () => ({ path: './preview.js', external: true }));
        onResolve({ filter: /^\.\.\/\.\.\/(?:bin|node)\// }, ({ path }) => ({ path: path.slice('../'.length), external: true }));
      },
    },
  ],
  logLevel: 'warning',
});

// Scripts may be inline in HTML, which would change or end them.
for (const path of [...ENTRIES, ...ADAPTERS, ...TRANSLATED]) {
  const text = await readFile(join(ROOT, 'dist', `${basename(path)}.js`), 'utf8');
  if (/[\0\r]|<\/script|<!--/i.test(text)) throw new Error(`dist/${basename(path)}.js cannot be inline in HTML`);
}
