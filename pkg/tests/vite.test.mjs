// `waft/vite` in real Vite: a development server is asked by HTTP and listened to by its socket; builds are looked into.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build, createServer } from 'vite';
import { createClient } from '../dist/index.js';
import { localRules } from '../dist/rules.js';
import waft from '../dist/vite.js';
import { PUBLISHER, snapshot, TRUST, until } from './fixture.mjs';

const RULESET = fileURLToPath(new URL('ruleset.yaml', import.meta.url));
const target = fileURLToPath(new URL('../../target', import.meta.url));
const WRONG = [/type: boolean/, 'type: bolean'];
const OFF = [/serve: on \}/, 'serve: off }'];

mkdirSync(target, { recursive: true });
const own = mkdtempSync(join(target, 'vite-'));
after(() => rmSync(own, { recursive: true, force: true }));

/** A project: a page that imports its rules, a ruleset, and a released snapshot with its trust. */
function project() {
  const root = mkdtempSync(join(own, 'project-'));
  const write = (name, content) => writeFileSync(join(root, name), content);
  mkdirSync(join(root, 'ruleset'));
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(fileURLToPath(new URL('..', import.meta.url)), join(root, 'node_modules/waft'));
  cpSync(RULESET, join(root, 'ruleset/waft.yaml'));
  write(
    'index.html',
    '<!doctype html><html><head><title></title></head><body><script type="module" src="/main.js"></script></body></html>',
  );
  write('main.js', "import rules from 'virtual:waft';\nconsole.log('the rules', rules);\n");
  write('snapshot.waft', snapshot({ issued: new Date().toISOString(), expires: new Date(Date.now() + 86_400_000).toISOString() }));
  write('trust.json', JSON.stringify(TRUST));
  return { root, write, change: ([from, to]) => write('ruleset/waft.yaml', readFileSync(RULESET, 'utf8').replace(from, to)) };
}

const config = (root, plugin) => ({ root, configFile: false, logLevel: 'silent', plugins: [waft({ ruleset: 'ruleset', ...plugin })] });

/** A development server: `get` asks it, `said` is what its socket told. */
async function develop(context, root, plugin = {}) {
  const server = await createServer({
    ...config(root, plugin),
    server: { host: '127.0.0.1', port: 0, watch: { usePolling: true, interval: 20 } },
  });
  context.after(() => server.close());
  await server.listen();
  const { port } = server.httpServer.address();
  const socket = new WebSocketOf(`ws://127.0.0.1:${port}/?token=${server.config.webSocketToken}`);
  context.after(() => socket.close());
  await until(() => socket.isOpen, 'the socket opens');
  const get = (path) => fetch(`http://127.0.0.1:${port}${path}`);
  return { server, get, said: socket.said };
}

/** Node 20 has none of its own. */
class WebSocketOf {
  said = [];
  isOpen = false;
  #socket;
  constructor(address) {
    const { hostname, port, pathname, search } = new URL(address);
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': 13,
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    };
    const asked = http.request({ hostname, port, path: pathname + search, headers: { ...headers, 'sec-websocket-protocol': 'vite-hmr' } });
    asked.on('upgrade', (_, socket, head) => {
      this.#socket = socket;
      this.isOpen = true;
      let bytes = head;
      const read = () => {
        for (let frame; (frame = frameOf(bytes)); bytes = frame.rest) this.said.push(JSON.parse(frame.text));
      };
      socket.on('data', (more) => {
        bytes = Buffer.concat([bytes, more]);
        read();
      });
      socket.on('error', () => {});
      read();
    });
    asked.end();
  }
  close() {
    this.#socket?.destroy();
  }
}

/** The first frame of a server: unmasked text. */
function frameOf(bytes) {
  if (bytes.length < 2) return undefined;
  const [start, length] = bytes[1] < 126 ? [2, bytes[1]] : bytes.length < 4 ? [4, Infinity] : [4, bytes.readUInt16BE(2)];
  if (bytes.length < start + length) return undefined;
  return { text: bytes.subarray(start, start + length).toString(), rest: bytes.subarray(start + length) };
}

/** The rules that a page of the development server has, and their bytes. */
async function rulesOf(get) {
  const text = await (await get('/@id/__x00__virtual:waft')).text();
  const url = /snapshot: "([^"]+)"/.exec(text)[1];
  const trust = JSON.parse(/trust: (\{.*\}),/.exec(text)[1]);
  const response = await get(url);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  return { trust, snapshot: new Uint8Array(await response.arrayBuffer()) };
}

const context = { country: 'DE' };

test('development: rules are compiled, served, and adopted by a client that is there when they change', async (t) => {
  const { root, change } = project();
  const { get, said } = await develop(t, root);
  const first = await rulesOf(get);
  const client = await createClient({ ...first, context });
  assert.equal(client.status().code, undefined);
  assert.equal(client.getBooleanValue('on-in-germany', false), true);
  assert.match(readFileSync(join(root, 'waft.d.ts'), 'utf8'), /"on-in-germany": \{ value: boolean/);

  change(OFF);
  await until(() => said.some(({ type, event }) => type === 'custom' && event === 'waft:changed'), 'the change is told');
  const { snapshot: next, trust } = await rulesOf(get);
  // The page keeps the trust that it was loaded with: one client, and so one queue.
  assert.deepEqual(trust, first.trust);
  assert.deepEqual(await client.load(next), { ok: true, version: client.snapshot.version });
  assert.equal(client.getBooleanValue('on-in-germany', true), false);
  assert.ok(!said.some(({ type }) => type === 'full-reload'), 'the page stays');
});

test('development: findings are in the overlay, and the page that is open keeps its rules', async (t) => {
  const { root, change } = project();
  const { get, said } = await develop(t, root);
  const { snapshot: good } = await rulesOf(get);
  change(WRONG);
  await until(() => said.some(({ type }) => type === 'error'), 'the error is told');
  const { err } = said.find(({ type }) => type === 'error');
  assert.match(err.message, /waft\.yaml:\d+:\d+: error\[\w+\]: /);
  assert.equal(err.id, join(root, 'ruleset/waft.yaml'));
  assert.match(err.frame, /type: bolean\n +\| +\^/);
  assert.equal(err.plugin, 'waft');
  assert.deepEqual(new Uint8Array(await (await get('/@waft/snapshot.waft')).arrayBuffer()), good);
  assert.equal((await get('/@id/__x00__virtual:waft')).status, 500, 'a page that is loaded now has the overlay, too');
  change([/x{9}/, '']);
  await until(() => said.some(({ type, updates }) => type === 'update' && updates.length === 0), 'the overlay goes');
});

test('development: a ruleset that was wrong from the start shows its page once it is mended', async (t) => {
  const { root, change } = project();
  change(WRONG);
  const { get, said } = await develop(t, root, { types: false });
  const response = await get('/@id/__x00__virtual:waft');
  assert.equal(response.status, 500);
  assert.match(await response.text(), /error\[/);
  change([/x{9}/, '']);
  await until(() => said.some(({ type }) => type === 'full-reload'), 'the page is loaded anew');
  assert.ok((await rulesOf(get)).snapshot.length > 0);
  assert.ok(!existsSync(join(root, 'waft.d.ts')));
});

/** The page and its script, built. */
async function built(root, plugin) {
  await build({ ...config(root, plugin), build: { target: 'es2022', minify: false } });
  const [script] = readdirSync(join(root, 'dist/assets')).filter((name) => name.endsWith('.js'));
  const read = (name) => readFileSync(join(root, 'dist', name), 'utf8');
  return { html: read('index.html'), script: read(`assets/${script}`) };
}

const RELEASED = { trust: 'trust.json', snapshot: 'snapshot.waft' };

test('a build has the released trust, and its page asks for the snapshot at once', async () => {
  const { html, script } = await built(project().root, { ...RELEASED, url: '/rules/snapshot.waft' });
  assert.match(html, /<link rel="preload" as="fetch" href="\/rules\/snapshot\.waft" crossorigin="anonymous">/);
  assert.match(script, /snapshot: "\/rules\/snapshot\.waft"/);
  assert.ok(script.includes(PUBLISHER.publicKey));
  assert.doesNotMatch(script, /throw-away/);
});

test('a build can hold the snapshot in its page, or nothing', async () => {
  const { root } = project();
  const { html } = await built(root, { ...RELEASED, html: 'inline' });
  const [, inlined] = /<script type="application\/octet-stream;base64" id="waft-snapshot">([^<]+)<\/script>/.exec(html);
  assert.deepEqual(Buffer.from(inlined, 'base64'), readFileSync(join(root, 'snapshot.waft')));
  assert.doesNotMatch((await built(root, { ...RELEASED, html: false })).html, /waft/);
});

test('a build refuses what pages would: no trust, a throw-away key, rules that nobody signed for it', async () => {
  const { root, write } = project();
  await assert.rejects(built(root, {}), /needs `trust`/);
  const local = localRules({ ruleset: RULESET });
  write('local.json', JSON.stringify(local.trust));
  write('local.waft', local.snapshot);
  await assert.rejects(built(root, { trust: 'local.json', snapshot: 'local.waft' }), /accepts the role `throw-away`/);
  await assert.rejects(built(root, { trust: 'trust.json', snapshot: 'local.waft' }), /local\.waft: refused/);
  assert.ok(!existsSync(join(root, 'dist')));
});
