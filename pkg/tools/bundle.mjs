// Writes dist/*.js, and dist/*.cjs for `require`: one minified file for each entry, with all that it imports, so that a page has nothing to
// wait for in between and its bundler nothing to cut up: 0.5 kB brotli. Run by `npm run build` after tools/wasm-texts.mjs and tsc.
import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { eager } from './eager.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What a page's first flag needs. */
const FIRST = ['index', 'lean', 'head'];
const ENTRIES = ['context', 'preview', 'updates', 'documents', 'debug', 'hydrate', 'server', 'devtools', 'testing'];
/** It has more names of its own. */
const RECORDER = ['exposures'];
/** Its wasm is found by `import.meta.url`. */
const MODULES_ONLY = ['studio', 'workbench'];
/** Entries that call objects of libraries that a page has. */
const ADAPTERS = ['react', 'openfeature', 'openfeature-server', 'openfeature-react'];

/** What Node alone runs. */
const FOR_NODE = ['rules', 'vite'];

/** Pure ASCII, as classic scripts take the page's charset. */
const TRANSLATED = ['compat'];

/** Classic scripts: what a page without a build has by one element, and inline above it. */
const SCRIPT = { in: 'src/script.ts', out: 'waft.iife' };
const STUB = { in: 'src/script/stub.ts', out: 'waft.stub' };

const points = (names) => names.map((path) => ({ in: `src/${path}.ts`, out: basename(path) }));

/** Their glue looks for its wasm beside itself, and stays there. */
const glue = {
  name: 'glue',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\.\/(studio\/studio|workbench\/workbench)\.js$/ }, ({ path }) => ({ path, external: true })),
};

/**
 * Names of properties that only the package's own modules use, which are therefore cut to a letter: no bundler of a page may do so, and it is
 * 0.1 kB brotli. None is a name of the public types, of an option, of what wasm exports, or of a browser's object.
 */
const INTERNAL = `
  onExposure onStop onWanted obstacle isWhole until recorded turn packed detailed chances first second highest
  raise kept isKept makeRoom emit tell remember idle wasm onAdopted rules units persists lines forget missing turned guarded
  adopted began need recorder stale validUntil details
  facts notice plug plugs
  pseudonyms
  headKey headText pointerBefore activeBytes isRevoked raised prepare urlOf asked isNamed gate foreign walk
`
  .trim()
  .split(/\s+/);
/** The same inside the recorder, which shows no other entry any of them. */
const RECORDED = `
  begin browser bytes counts drop due exposed inFlight isOver pageView paused readable record records settle settled take texts wait
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
  minify: true,
  sourcemap: true,
  charset: 'utf8',
  // It would write `new RegExp`, and browsers would throw instead of not parsing.
  logOverride: { 'unsupported-regexp': 'error' },
  logLevel: 'warning',
};
/** Of these modules, nothing is called before a page has its first flag. */
const LATER = /\/(?:backlog|elsewhere|indexed|listening|lists|locks|post|properties|pseudonyms|sticky|stored|[a-z]+-wasm)\.ts$/;
/** Of the others, these methods are, of all that there are. */
const METHODS = `
  #adopt #anew #answer #bytes #check #clamped #decide #feed #fetchLists #flag #forget #isBehind #keep #kill #lines #origin #pass #receive #schedule #send
  #settle #stand #standing #start #stored #takeAll #takeOne #text #variant #variantOf #watchExpiry #whenShown adopt adopted advance context details
  digest emit enter evaluate expose exposures fallBack find forget guarded highest item kept kill load look plug record seen start take trust turned
  urlOf validUntil value variant wanted
`
  .trim()
  .split(/\s+/);
/** And the callbacks in these: not of what records, as a page that has it has no bytes left. */
const CALLERS = `
  #anew advance encodeTrust get inTime keyOf kindOf load make membersOf openOwn parseVariant
`
  .trim()
  .split(/\s+/);
const met = new Set();
/** What is called before is compiled before. */
const eagerly = (callers) => ({
  name: 'eagerly',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, async ({ path }) =>
      LATER.test(path) ? undefined : { contents: await eager(await readFile(path, 'utf8'), basename(path), METHODS, callers, met) },
    ),
});

/** For pages. Each entry is bundled by itself: without a cache, each would have letters of its own. */
const forPages = (names, internal, plugins = []) => ({
  ...options,
  entryPoints: points(names),
  target,
  mangleCache: Object.fromEntries(INTERNAL.map((name, index) => [name, LETTERS[index] ?? `$${LETTERS[index - LETTERS.length]}`])),
  mangleProps: new RegExp(`^(?:${internal.join('|')})$`),
  external: ['@openfeature/*', 'react'],
  plugins: [glue, ...plugins],
});
// Emitters of theirs have an `emit`, too.
const own = INTERNAL.filter((name) => name !== 'emit');
await build({ ...forPages(FIRST, INTERNAL, [eagerly(CALLERS)]), format: 'esm' });
await build({ ...forPages([...ENTRIES, ...MODULES_ONLY], INTERNAL), format: 'esm' });
await build({ ...forPages(RECORDER, [...INTERNAL, ...RECORDED], [eagerly([])]), format: 'esm' });
for (const name of [...METHODS, ...CALLERS])
  if (!met.has(name)) throw new Error(`tools/bundle.mjs names ${name}, which is no method any more`);
await build({ ...forPages(ADAPTERS, own), format: 'esm' });
await build({ ...options, entryPoints: points(TRANSLATED), format: 'esm', target, charset: 'ascii', sourcemap: false });
const classic = { format: 'iife', charset: 'ascii', sourcemap: false };
await build({ ...forPages([], INTERNAL), ...classic, entryPoints: [SCRIPT], globalName: 'waft' });
await build({ ...forPages([], INTERNAL), ...classic, entryPoints: [STUB] });
// The same for Jest and whoever else calls `require`.
const required = { format: 'cjs', outExtension: { '.js': '.cjs' }, sourcemap: false };
await build({ ...forPages([...FIRST, ...ENTRIES], INTERNAL), ...required });
await build({ ...forPages(RECORDER, [...INTERNAL, ...RECORDED]), ...required });
await build({ ...forPages(ADAPTERS, own), ...required });

// The wasm and the host of `npx waft` stay where they are.
await build({
  ...options,
  entryPoints: points(FOR_NODE),
  format: 'esm',
  platform: 'node',
  target: 'node20',
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
});

const dist = join(ROOT, 'dist');

// What `require` returns has types of its own, which name files of the same kind: those of the entries, and all that these import.
const declarations = new Set([...FIRST, ...ENTRIES, ...RECORDER, ...ADAPTERS].map((entry) => join(dist, `${entry}.d.ts`)));
for (const path of declarations) {
  const text = await readFile(path, 'utf8');
  const own = text.replace(/(['"])(\.{1,2}\/[^'"]+)\.js\1/g, (_, quote, imported) => {
    declarations.add(join(dirname(path), `${imported}.d.ts`));
    return `${quote}${imported}.cjs${quote}`;
  });
  await writeFile(path.replace(/ts$/, 'cts'), own);
}

for (const file of await readdir(dist, { recursive: true })) {
  const path = join(dist, file);
  if (file.endsWith('.map')) {
    // The texts of wasm: nobody reads them twice.
    const map = JSON.parse(await readFile(path, 'utf8'));
    map.sourcesContent = map.sourcesContent.map((content, index) => (map.sources[index].endsWith('-wasm.ts') ? null : content));
    await writeFile(path, JSON.stringify(map));
  } else if (/\.c?js$/.test(file)) {
    // Scripts may be inline in HTML, which would change or end them.
    if (/[\0\r]|<\/script|<!--/i.test(await readFile(path, 'utf8'))) throw new Error(`dist/${file} cannot be inline in HTML`);
  }
}

/** For `integrity`, and for a policy that names the inline stub by its hash. Without its last line's end, as it is pasted. */
const hashOf = async (file, algorithm) => {
  const path = join(dist, file);
  const text = (await readFile(path, 'utf8'))
    .trimEnd()
    // In the engine's text alone: in ISO-2022-JP, some are not characters. 49 bytes brotli.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them.
    .replace(/[\x01-\x09\x0b-\x1f\x7f]/g, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
  if (/[^\x20-\x7e\n]/.test(text)) throw new Error(`dist/${file} is not ASCII`);
  await writeFile(path, text);
  return `${algorithm}-${createHash(algorithm).update(text).digest('base64')}`;
};
const integrity = { 'waft.iife.js': await hashOf('waft.iife.js', 'sha384'), 'waft.stub.js': await hashOf('waft.stub.js', 'sha256') };
await writeFile(join(dist, 'waft.integrity.json'), `${JSON.stringify(integrity, null, 2)}\n`);
for (const [file, hash] of Object.entries(integrity)) console.log(`${file} ${hash}`);

for (const file of ['LICENSE-APACHE', 'LICENSE-MIT']) await copyFile(join(ROOT, '..', file), join(ROOT, file));
