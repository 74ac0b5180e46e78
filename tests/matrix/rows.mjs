// The rows of `make matrix`: what is done with each project. Its packages are in rows/NAME, or in rows/PROJECT.

/** A page in a module worker, and one in a service worker: both say what it found. */
const WORKER_PAGE = `
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
worker.onmessage = ({ data }) => (document.title = data);
worker.onerror = ({ message }) => (document.title = 'failed: ' + message);
worker.postMessage(new URL(location.href).searchParams.get('visitor'));
`;
const WORKER = `
import { decide } from './decide.js';
self.onmessage = async ({ data }) => self.postMessage(await decide(data).catch(String));
`;
const SERVICE_PAGE = `
const registration = await navigator.serviceWorker.register('./service.js');
await navigator.serviceWorker.ready;
const { port1, port2 } = new MessageChannel();
port1.onmessage = ({ data }) => (document.title = data);
registration.active.postMessage(new URL(location.href).searchParams.get('visitor'), [port2]);
`;
const SERVICE = `
import { decide } from './decide.js';
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => event.waitUntil(decide(event.data).catch(String).then((said) => event.ports[0].postMessage(said))));
`;
/** A page of one script. */
export const pageOf = (script, type = 'module') =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>deciding</title><script type="${type}" src="${script}"></script>`;

/** Makes what lies on the origin part of the folder, and the page's script inline. */
const SERVED = `
import { readFileSync, writeFileSync } from 'node:fs';
import { ORIGIN, TRUST } from './src/settings.js';
writeFileSync('plain/snapshot.waft', Buffer.from(await (await fetch(ORIGIN + '/snapshot.waft')).arrayBuffer()));
writeFileSync('plain/settings.js', 'export const ORIGIN = ""; export const TRUST = ' + JSON.stringify(TRUST));
const script = readFileSync('plain/page.js', 'utf8');
const page = readFileSync('plain/index.html', 'utf8').replace('<script type="module" src="page.js">', () => '<script type="module">' + script);
writeFileSync('plain/index.html', page);
`;
const titled = (url) => async (page) => {
  await page.goto(url);
  await page.waitForFunction(() => document.title !== 'deciding');
  if ((await page.title()) !== 'boolean SPLIT 1 undefined') throw new Error(`the page says "${await page.title()}"`);
};

/** Writes a page with the packed script: the visitor is in the address, and is known to a function that is pushed. */
const TAG = `
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ORIGIN, TRUST } from './src/settings.js';
mkdirSync('tag', { recursive: true });
cpSync('node_modules/waft/dist/waft.iife.js', 'tag/waft.iife.js');
const integrity = JSON.parse(readFileSync('node_modules/waft/dist/waft.integrity.json', 'utf8'))['waft.iife.js'];
writeFileSync('tag/index.html', \`<!doctype html><link rel="icon" href="data:,"><title>deciding</title>
<script type="application/json" id="trust">\${JSON.stringify(TRUST)}</script>
<script async src="/waft.iife.js" integrity="\${integrity}" data-snapshot="\${ORIGIN}/snapshot.waft" data-trust="#trust" data-endpoint="\${ORIGIN}/v1/logs"></script>
<script>(self.waft ??= []).push(async (client) => {
  client.setContext({ visitorId: new URL(location.href).searchParams.get('visitor') });
  const { value, reason } = client.getBooleanDetails('test', false);
  await client.flush();
  const { code, sent } = client.status();
  document.title = [typeof value, reason, sent, code].map(String).join(' ');
});</script>\`);
`;

const VITE_DEV = 'vite src --host 127.0.0.1 --port 0';
/** Twice: the first finds nothing prepared. */
async function vite(row) {
  await row.run('rm -rf node_modules/.vite src/node_modules');
  await row.run('vite build src --outDir ../dist --emptyOutDir');
  await row.opensFolder('dist');
  await row.opensServer(VITE_DEV);
  await row.opensServer(VITE_DEV);
}

const jestOf = (environment) => `
/** @jest-environment ${environment} */
const { ORIGIN, TRUST } = require('./settings.cjs');
const { createClient } = require('waft');
const { recorder } = require('waft/exposures');
test('decides, and exposes', async () => {
  const client = await createClient({
    snapshot: ORIGIN + '/snapshot.waft', trust: TRUST, context: { visitorId: process.env.VISITOR },
    exposures: recorder({ endpoint: ORIGIN + '/v1/logs', robot: false }),
  });
  expect(client.getBooleanDetails('test', false).reason).toBe('SPLIT');
  await client.flush();
  expect(client.status()).toMatchObject({ sent: 1 });
  client.close();
});`;

const JEST_JSDOM = `
/** @jest-environment jsdom */
const { TRUST } = require('./settings.cjs');
const { createClient } = require('waft');
test('starts with defaults, and says why', async () => {
  const client = await createClient({ snapshot: '/snapshot.waft', trust: TRUST });
  expect(client.getBooleanValue('test', true)).toBe(true);
  expect(client.status().code).toBe('ENGINE_FAILED');
  expect(String(client.status().cause)).toContain('TextEncoder');
});`;

/** Decides, if each byte of the engine is as in its file: a page says so by its title, Node prints it. */
const BYTES = `
import { decide } from './decide.js';
import { ENGINE_SHA384 } from './settings.js';
const done = (text) => (globalThis.document ? (document.title = text) : console.log(text));
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (code, ...rest) => {
  if (!(code instanceof WebAssembly.Module)) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-384', code));
    if (btoa(String.fromCharCode(...digest)) !== ENGINE_SHA384) throw new Error('other bytes');
  }
  return instantiate(code, ...rest);
};
const visitor = globalThis.document ? new URL(location.href).searchParams.get('visitor') : globalThis.VISITOR;
decide(visitor).then(done, (error) => done('failed: ' + error));
`;
const MINIFY = `
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { minifySync as swc } from '@swc/core';
import { transformSync as esbuild } from 'esbuild';
const text = readFileSync('out/utf8.js', 'utf8');
writeFileSync('out/swc.js', swc(text, { compress: true, mangle: true }).code);
// What the limits of tools/size.mjs are for is what esbuild makes with this charset: others may have 1,500 bytes more.
const sizeOf = (text) => brotliCompressSync(text).length;
const wanted = sizeOf(esbuild(text, { minify: true, charset: 'utf8' }).code);
const sizes = Object.fromEntries(['ascii', 'terser', 'swc'].map((name) => [name, sizeOf(readFileSync('out/' + name + '.js', 'utf8'))]));
if (Math.max(...Object.values(sizes)) > wanted + 1500) throw new Error(JSON.stringify({ wanted, ...sizes }));
console.log(JSON.stringify({ wanted, ...sizes }));
`;
const INLINE = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
mkdirSync('inline', { recursive: true });
for (const name of ['utf8', 'terser', 'swc']) {
  const script = readFileSync('out/' + name + '.js', 'utf8');
  writeFileSync('inline/' + name + '.html', '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>deciding</title><script>' + script + '</script>');
}
`;

const NEXT_LAYOUT = `
export const metadata = { title: 'deciding', icons: 'data:,' };
export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
`;
const NEXT_PAGE = `
import { createClient } from 'waft';
import { ORIGIN, TRUST } from '../src/settings.js';
import { Decided } from './decided.js';
export default async function Page({ searchParams }) {
  const { visitor } = await searchParams;
  const client = await createClient({ snapshot: ORIGIN + '/snapshot.waft', trust: TRUST, context: { visitorId: visitor } });
  const { reason } = client.peek('test', false);
  client.close();
  return <Decided visitor={visitor} server={reason} />;
}
`;
const NEXT_CLIENT = `'use client';
import { useEffect } from 'react';
import { decide } from '../src/decide.js';
export function Decided({ visitor, server }) {
  useEffect(() => {
    decide(visitor).then((said) => (document.title = server === 'SPLIT' ? said : 'the server: ' + server));
  }, []);
  return <p>{server}</p>;
}
`;
const ROUTER_ROOT = `
import { Links, Meta, Outlet, Scripts } from 'react-router';
export default function Root() {
  return <html lang="en"><head><title>deciding</title><link rel="icon" href="data:," /><Meta /><Links /></head><body><Outlet /><Scripts /></body></html>;
}
`;
const ROUTER_PAGE = `
import { useEffect } from 'react';
import { createClient } from 'waft';
import { decide } from '../src/decide.js';
import { ORIGIN, TRUST } from '../src/settings.js';
export async function loader({ request }) {
  const visitor = new URL(request.url).searchParams.get('visitor');
  const client = await createClient({ snapshot: ORIGIN + '/snapshot.waft', trust: TRUST, context: { visitorId: visitor } });
  const { reason } = client.peek('test', false);
  client.close();
  return { visitor, server: reason };
}
export default function Page({ loaderData: { visitor, server } }) {
  useEffect(() => {
    decide(visitor).then((said) => (document.title = server === 'SPLIT' ? said : 'the server: ' + server));
  }, []);
  return <p>{server}</p>;
}
`;
const ASTRO_PAGE = `
<html lang="en">
  <head><meta charset="utf-8" /><link rel="icon" href="data:," /><title>deciding</title></head>
  <body><script>import '../page.js';</script></body>
</html>
`;

const HEADLINES = { control: 'Welcome to the harbour', bold: 'Set sail today' };
const nextApp = (url) => async (page, exposed, until) => {
  await page.addInitScript(() => {
    globalThis.shifts = [];
    const observer = new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries().map(({ value }) => value)));
    observer.observe({ type: 'layout-shift', buffered: true });
  });
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route('**/snapshot.waft', async (route) => {
    await held;
    await route.continue();
  });
  const shownBy = () => HEADLINES[exposed.at(-1)['feature_flag.result.variant']];
  const html = await (await page.goto(url)).text();
  const shown = await page.textContent('h1');
  // The rules have not come yet.
  await until(() => exposed.length === 1);
  const visitor = (await page.context().cookies()).find(({ name }) => name === 'waft-visitor').value;
  const adopted = () => Object.keys(localStorage).some((key) => key.startsWith('waft:good'));
  release();
  await page.waitForFunction(adopted);
  const seen = [
    await page.textContent('h1'),
    await page.textContent('p'),
    exposed.length,
    await page.evaluate(() => globalThis.shifts.length),
  ];
  const expected = [shown, 'Free shipping', 1, 0];
  const isRendered = html.includes(`<h1>${shown}</h1>`) && html.includes('Free shipping') && shownBy() === shown;
  const isSame = exposed[0]['feature_flag.context.id'] === visitor && html.includes(exposed[0]['waft.exposure.id']);
  if (`${seen}` !== `${expected}` || !isRendered || !isSame) throw new Error(`shown ${seen}, of ${html}`);
  // Known here, as everywhere of this site: one exposure under one id.
  const shell = await (await page.goto(`${url}static`)).text();
  await page.getByText('Free shipping').waitFor();
  await page.getByText(shown).waitFor();
  if (!shell.includes('<h1>Welcome</h1>') || new Set(exposed.map((record) => record['waft.exposure.id'])).size !== 1) {
    throw new Error(`the shell is ${shell}, and exposed are ${exposed.length}`);
  }
};

export const ROWS = {
  'vite-8': { check: vite },
  'vite-7': {
    async check(row) {
      await vite(row);
      await vite(row.old());
    },
  },
  webpack: {
    check: (row) => row.opensScript('webpack --mode production --entry ./src/page.js -o dist --no-devtool', 'main.js', 'text/javascript'),
  },
  rspack: {
    check: (row) => row.opensScript('rspack build --mode production --entry ./src/page.js -o dist', 'main.js', 'text/javascript'),
  },
  rollup: {
    check: (row) => row.opensScript('rollup src/page.js -d dist -p node-resolve -p terser --format es', 'page.js'),
  },
  esbuild: {
    async check(row) {
      for (const charset of ['ascii', 'utf8']) {
        await row.opensScript(`esbuild src/page.js --bundle --minify --format=esm --charset=${charset} --outdir=dist`, 'page.js');
      }
    },
  },
  parcel: {
    async check(row) {
      await row.run('parcel build src/index.html --dist-dir dist --no-cache --no-source-maps');
      await row.opensFolder('dist');
    },
  },
  'import-map': {
    project: 'esbuild',
    async check(row) {
      const map = JSON.stringify({ imports: { waft: '/waft/dist/index.js', 'waft/exposures': '/waft/dist/exposures.js' } });
      await row.run('rm -rf plain && mkdir plain && cp -r src/*.js plain && cp -r node_modules/waft plain/waft');
      row.write('plain/index.html', pageOf('page.js').replace('<title>', `<script type="importmap">${map}</script><title>`));
      await row.opensFolder('plain');
      // As it is, by `waft serve`: its policy allows what is inline in a file, and the page's own origin alone.
      row.write('served.mjs', SERVED);
      await row.run('node served.mjs');
      await row.serves('../../release/waft serve --dir plain --port 0 --db served.db', (url) => row.visits(titled(`${url}?visitor=v1`)));
    },
  },
  /** Without a module: the packed file by an element, with its packed integrity. */
  'script-tag': {
    project: 'esbuild',
    async check(row) {
      row.write('tag.mjs', TAG);
      await row.run('node tag.mjs');
      await row.opensFolder('tag');
    },
  },
  'module-worker': {
    project: 'vite-8',
    async check(row) {
      row.write('worker/page.js', WORKER_PAGE);
      row.write('worker/worker.js', WORKER);
      row.write('worker/index.html', pageOf('./page.js'));
      await row.run('cp src/decide.js src/settings.js worker && vite build worker --outDir ../dist-worker --emptyOutDir');
      await row.opensFolder('dist-worker');
    },
  },
  'service-worker': {
    project: 'esbuild',
    async check(row) {
      row.write('src/service.js', SERVICE);
      row.write('service/page.js', SERVICE_PAGE);
      row.write('service/index.html', pageOf('page.js'));
      await row.run('esbuild src/service.js --bundle --minify --format=iife --outdir=service');
      await row.opensFolder('service');
      // A module, which shares a chunk with another.
      row.write('chunks/page.js', SERVICE_PAGE.replace("'./service.js'", "'./service.js', { type: 'module' }"));
      row.write('chunks/index.html', pageOf('page.js'));
      await row.run('esbuild src/service.js src/decide.js --bundle --minify --splitting --format=esm --outdir=chunks');
      await row.opensFolder('chunks');
    },
  },
  node: {
    project: 'node-22',
    async check(row) {
      row.write('src/package.json', '{ "type": "module" }');
      row.write(
        'main.cjs',
        `const { createClient } = require('waft'); const { recorder } = require('waft/exposures');
        import('./src/settings.js').then(async ({ ORIGIN, TRUST }) => {
          const client = await createClient({ snapshot: ORIGIN + '/snapshot.waft', trust: TRUST, context: { visitorId: process.env.VISITOR },
            exposures: recorder({ endpoint: ORIGIN + '/v1/logs', robot: false }) });
          const { value, reason } = client.getBooleanDetails('test', false);
          await client.flush();
          const { code, sent } = client.status();
          console.log(typeof value, reason, sent, code);
        });`,
      );
      for (const node of [row, row.old()]) {
        await node.decides('node src/main.mjs');
        await node.decides('node main.cjs');
      }
    },
  },
  deno: {
    // With storage of its own: Deno's outlives a run, and rules of an earlier one that have the same version would be a conflict.
    check: (row) => row.decides('rm -rf .deno && DENO_DIR=.deno deno run --allow-net --allow-env --node-modules-dir=manual src/main.mjs'),
  },
  bun: { check: (row) => row.decides('bun src/main.mjs') },
  vitest: {
    async check(row) {
      row.write(
        'src/decide.test.js',
        `import { expect, test } from 'vitest'; import { decide } from './decide.js';
        test('decides, and exposes', async () => expect(await decide(process.env.VISITOR)).toBe('boolean SPLIT 1 undefined'));`,
      );
      for (const environment of ['node', 'jsdom', 'happy-dom']) await row.decides(`vitest run --environment ${environment}`, false);
    },
  },
  jest: {
    async check(row) {
      row.write('package.json', JSON.stringify({ name: 'waft-matrix-jest', private: true }));
      await row.run("sed 's/export const /exports./' src/settings.js > settings.cjs");
      for (const environment of ['node', 'jest-fixed-jsdom']) {
        row.write('decide.test.js', jestOf(environment));
        for (const node of [row, row.old()]) await node.decides('jest decide.test.js', false);
      }
      // Jest's own jsdom has no fetch and no TextDecoder: nothing throws there.
      row.write('decide.test.js', JEST_JSDOM);
      await row.run('jest decide.test.js');
    },
  },
  /** A server component decides in Node, a client component in the page; by Turbopack, and by webpack. */
  next: {
    async check(row) {
      row.write('next.config.mjs', 'export default {};');
      row.write('app/layout.js', NEXT_LAYOUT);
      row.write('app/page.js', NEXT_PAGE);
      row.write('app/decided.js', NEXT_CLIENT);
      for (const bundler of ['turbopack', 'webpack']) {
        await row.run(`rm -rf .next && next build --${bundler}`);
        await row.opensServer('next start --hostname 127.0.0.1 --port 0');
      }
    },
  },
  /** examples/next-app: what the server decided is there before the rules, does not move, and is exposed once; and a static shell. */
  'next-app': {
    project: 'next',
    // CI starts each example.
    always: true,
    async check(row) {
      await row.run('rm -rf app .next next.config.mjs example && cp -r ../../../examples/next-app example && rm -rf example/.next');
      await row.run('cd example && node ../../../../examples/sign.mjs && next build');
      await row.serves('sh -c "cd example && exec next start --hostname 127.0.0.1 --port 0"', (url) => row.visits(nextApp(url)));
    },
  },
  /** In framework mode: a loader decides in Node, its component in the page. */
  'react-router': {
    async check(row) {
      row.write('vite.config.js', "import { reactRouter } from '@react-router/dev/vite'; export default { plugins: [reactRouter()] };");
      row.write('app/root.jsx', ROUTER_ROOT);
      row.write('app/routes.js', "import { index } from '@react-router/dev/routes'; export default [index('page.jsx')];");
      row.write('app/page.jsx', ROUTER_PAGE);
      await row.run('react-router build');
      await row.opensServer('react-router-serve build/server/index.js');
    },
  },
  astro: {
    async check(row) {
      row.write('src/pages/index.astro', ASTRO_PAGE);
      await row.run('astro build');
      await row.opensFolder('dist');
    },
  },
  /** The bytes of the engine, after minifiers have written its text anew, and inline in HTML. */
  minifiers: {
    async check(row) {
      row.write('src/bytes.js', BYTES);
      await row.run('esbuild src/bytes.js --bundle --format=iife --charset=utf8 --outfile=out/utf8.js');
      await row.run('esbuild src/bytes.js --bundle --minify --format=iife --outfile=out/ascii.js');
      await row.run('terser out/utf8.js -c -m -o out/terser.js');
      row.write('minify.mjs', MINIFY);
      await row.run('node minify.mjs');
      await row.run('webpack --mode production --entry ./src/bytes.js -o out --output-filename webpack.js');
      for (const name of ['utf8', 'ascii', 'terser', 'swc', 'webpack'])
        await row.decides(`node -e "globalThis.VISITOR = process.env.VISITOR; eval(fs.readFileSync('out/${name}.js', 'utf8'))"`);
      row.write('inline.mjs', INLINE);
      await row.run('node inline.mjs');
      for (const name of ['utf8', 'terser', 'swc']) await row.opensFolder('inline', `/${name}.html`);
    },
  },
  /** The same after Vite's own minifier, which is oxc's. */
  oxc: {
    project: 'vite-8',
    async check(row) {
      row.write('oxc/bytes.js', BYTES);
      row.write('oxc/index.html', pageOf('./bytes.js'));
      await row.run('cp src/decide.js src/settings.js oxc && vite build oxc --outDir ../dist-oxc --emptyOutDir');
      await row.opensFolder('dist-oxc');
    },
  },
  published: {
    async check(row) {
      await row.run('publint run ../waft.tgz --strict');
      // What TypeScript's node10 does not find are the entries beside `waft`; studio, rules, compat and vite are ES modules alone.
      await row.run(
        `attw ../waft.tgz --profile node16 --exclude-entrypoints engine.wasm studio_bg.wasm workbench_bg.wasm waft.iife.js waft.stub.js waft.integrity.json --ignore-rules cjs-resolves-to-esm`,
      );
      await row.run('attw ../waft.tgz --entrypoints .');
    },
  },
};
