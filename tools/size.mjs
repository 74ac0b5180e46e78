// What a minimal page downloads: the script of a page that reads one flag, the engine in it. Minified by esbuild with `charset: 'utf8'`,
// brotli 11. Beside it: in esbuild's default charset, which is ASCII; by gzip; and as a page of `waft/lean` has it, whose engine is a file.
// Told apart: a page that records exposures, which has a limit of its own; and the builds of the studio with their glue: those for pages and for
// workers have limits of their own, the one for Node is read from a disk; and the script file, the adapters, and what pages add: waft/updates and waft/head.
// And the studio's site, as it was built: its first screen, what it needs to be used, and all of it.
// The last line is `total BYTES`; above LIMIT, or with a page that records, a script, a studio or an adapter above its own limit, this fails.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const LIMIT = 30_000; // bytes
const GOAL = 28_500;
/** A page that records, too. */
const RECORDING_LIMIT = 36_000; // bytes
/** Without what reads files of people and compiles rules: that is in the workbench. */
const STUDIO = 121_000; // bytes
/** What a worker of those has who change rules: compiler, files of people, what counts them. */
const WORKBENCH = 342_000; // bytes
/** Each, without the library that it is for; and what pages have besides. */
const ADAPTERS = {
  react: 1_500,
  openfeature: 1_500,
  'openfeature-server': 1_500,
  'openfeature-react': 1_500,
  hydrate: 3_000,
  preview: 1_700,
  // 3,832 before it asked for heads, and 900 more.
  updates: 4_700,
  // Kill lists and pointers: 5,950 with trust documents, which most page views do not follow.
  head: 4_000,
  // Trust documents.
  documents: 3_800,
  devtools: 13_500,
}; // bytes
/** The script of a page without a build: what records, contexts, previews and heads in it, and as ASCII. */
const SCRIPT = 43_900; // bytes
const ASCII = 1_500; // bytes more of a page whose bundler writes ASCII

/** The studio's site. Fast 3G and a slow phone read it within two seconds, and use it within three. All of it may be 600,000, and is held to what it is. */
const SITE = { 'site, first screen': 60_000, 'site, to use it': 150_000, 'site, all of it': 515_000 };

const PAGE = `
import { createClient } from 'waft';
const client = await createClient({ snapshot: '/snapshot.waft', trust: window.trust, context: {} });
document.title = client.getStringValue('headline', 'Welcome');`;

const RECORDING = `
import { recorder } from 'waft/exposures';${PAGE.replace('context', "exposures: recorder({ endpoint: '/v1/logs' }), context")}`;

const root = fileURLToPath(new URL('..', import.meta.url));

/** The script of a page, with whatever it would load on demand. */
async function bundle(contents, charset = 'utf8') {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, sourcefile: 'page.js' },
    bundle: true,
    minify: true,
    charset,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  return outputFiles;
}

/** An adapter, which leaves its library to the page. */
async function adapter(name) {
  const { outputFiles } = await build({
    entryPoints: [`${root}pkg/dist/${name}.js`],
    minify: true,
    charset: 'utf8',
    format: 'esm',
    write: false,
  });
  return outputFiles;
}

/** A wasm and its glue, minified, as a page would load them. */
async function glued(name) {
  const { outputFiles } = await build({ entryPoints: [`${root}pkg/${name}/${name}.js`], minify: true, write: false, logLevel: 'error' });
  return [...outputFiles, { contents: await readFile(`${root}pkg/${name}/${name}_bg.wasm`) }];
}

function brotli(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
}

const sum = (files, size) => files.reduce((total, { contents }) => total + size(contents), 0);
const raw = (bytes) => bytes.length;

const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length;

/**
 * The studio's site in dist: what its page names before a script has run is the first screen, and its modules are what it needs to be used. The rest
 * is loaded by place.
 */
async function site(folder) {
  if (!existsSync(`${folder}/index.html`)) return [];
  const file = async (name) => ({ name, contents: await readFile(`${folder}/${name}`) });
  const all = await Promise.all(
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => file(`${entry.parentPath.slice(folder.length)}/${entry.name}`.replace(/^\/+/, ''))),
  );
  const html = all.find(({ name }) => name === 'index.html').contents.toString();
  const named = (pattern) => new Set([...html.matchAll(pattern)].map(([, path]) => path.replace(/^\.?\//, '')));
  const [styles, scripts] = [
    named(/(?:rel="stylesheet"[^>]*href|<script src)="([^"]+)"/g),
    named(/(?:type="module"[^>]*src|rel="modulepreload"[^>]*href)="([^"]+)"/g),
  ];
  const first = all.filter(({ name }) => name === 'index.html' || styles.has(name));
  return [first, [...first, ...all.filter(({ name }) => scripts.has(name))], all];
}

const wasm = await readFile(`${root}pkg/engine/engine.wasm`);
const [page, recording, lean] = await Promise.all([PAGE, RECORDING, PAGE.replace("'waft'", "'waft/lean'")].map((page) => bundle(page)));
const ascii = await bundle(PAGE, 'ascii');
const [studio, workbench, node] = await Promise.all(['studio', 'workbench', 'node'].map(glued));
const total = sum(page, brotli);

const row = (name, raw, compressed) => console.log(name.padEnd(18), String(raw).padStart(8), String(compressed).padStart(8));
row('', 'raw', 'brotli');
row('page', sum(page, raw), total);
row('  ASCII', sum(ascii, raw), sum(ascii, brotli));
row('  gzip', sum(page, raw), sum(page, gzip));
row('recording', sum(recording, raw), sum(recording, brotli));
row('lean', sum(lean, raw), sum(lean, brotli));
const script = [{ contents: await readFile(`${root}pkg/dist/waft.iife.js`) }];
row('script', sum(script, raw), sum(script, brotli));
const compat = await adapter('compat');
row('engine wasm', wasm.length, brotli(wasm));
row('compat', sum(compat, raw), sum(compat, brotli));
row('studio', sum(studio, raw), sum(studio, brotli));
row('workbench', sum(workbench, raw), sum(workbench, brotli));
row('node', sum(node, raw), sum(node, brotli));
const adapters = await Promise.all(Object.keys(ADAPTERS).map(async (name) => [name, await adapter(name)]));
for (const [name, files] of adapters) row(name, sum(files, raw), sum(files, brotli));
const parts = await site(`${root}studio/dist`);
const sites = Object.keys(SITE).flatMap((name, at) => (parts[at] ? [[name, parts[at]]] : []));
for (const [name, files] of sites) row(name, sum(files, raw), sum(files, brotli));
console.log(total > GOAL ? `${total - GOAL} above the goal of ${GOAL}` : `${GOAL - total} under the goal of ${GOAL}`);
for (const [name, size, limit] of [
  ['minimal page', total, LIMIT],
  ['page that records', sum(recording, brotli), RECORDING_LIMIT],
  ['minimal page in ASCII', sum(ascii, brotli), total + ASCII],
  ['script waft.iife.js', sum(script, brotli), SCRIPT],
  ["studio's page build", sum(studio, brotli), STUDIO],
  ["studio's workbench", sum(workbench, brotli), WORKBENCH],
  ...sites.map(([name, files]) => [`studio's ${name}`, sum(files, brotli), SITE[name]]),
  ...adapters.map(([name, files]) => [`adapter ${name}`, sum(files, brotli), ADAPTERS[name]]),
]) {
  if (size <= limit) continue;
  console.error(
    `the ${name} is ${size - limit} bytes above its limit of ${limit}: make it smaller, or raise the limit in a commit of its own with its reason`,
  );
  process.exitCode = 1;
}
console.log(`total ${total}`);
