// Heads in three engines; ONLY=WebKit for one of them. A kill reaches open tabs and outlives the page view, ends what a server decided, and rules
// decide while a pointer vouches for them.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClientSync } from '../../pkg/dist/index.js';
import { decide, headTags } from '../../pkg/dist/server.js';
import { inEngines } from './engines.mjs';
import { waft } from './site.mjs';
import { startShop, visit } from './suite.mjs';

/** The shop, with a trust that names `freshness` and `kill`; `kill` and `refresh` write its head. */
async function startHeads(t) {
  const origin = await startShop(t);
  const home = mkdtempSync(join(tmpdir(), 'waft-heads-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const at = (name) => join(home, name);
  const trust = JSON.parse(origin.files['/trust.json']);
  for (const role of ['freshness', 'kill']) {
    const { kid, publicKey } = JSON.parse(waft('keygen', '--out', at(`${role}.pem`)));
    trust.keys[kid] = publicKey;
    trust.require.push({ role, keys: [kid], atLeast: 1 });
  }
  origin.files['/trust.json'] = JSON.stringify(trust);
  writeFileSync(at('trust.json'), origin.files['/trust.json']);
  const sign = (key, ...args) => {
    waft(...args, '--head', at('head.waft'), '--trust', at('trust.json'), '--key', at(`${key}.pem`));
    origin.files['/head.waft'] = readFileSync(at('head.waft'));
  };
  origin.refresh = () => {
    writeFileSync(at('snapshot.waft'), origin.files['/snapshot.waft']);
    sign('freshness', 'head', 'refresh', '--snapshot', at('snapshot.waft'));
  };
  origin.kill = (flag) => {
    sign('kill', 'kill', flag, '--records', at('records'));
    origin.refresh();
  };
  origin.refresh();
  return origin;
}

/** A tab with the page, and its client. */
async function start(t, engine, origin, options) {
  const tab = await visit(t, engine, origin.url);
  return [tab, await tab.evaluate((options) => globalThis.begin(options), { hasHead: true, ...options })];
}

const state = (tab) =>
  tab.evaluate(() => {
    const { variant, reason, flagMetadata } = globalThis.client.peek('test');
    return [variant, reason, flagMetadata.killed ?? false];
  });
const isKilled = () => globalThis.client.peek('test').flagMetadata.killed;
const KILLED = ['off', 'DISABLED', true];

/** A visitor whom the experiment gives what a kill takes away. */
function switchedOn({ files }) {
  const client = createClientSync({ snapshot: files['/snapshot.waft'], trust: JSON.parse(files['/trust.json']) });
  const found = Array.from({ length: 50 }, (_, index) => `v${index}`).find((visitorId) => {
    client.setContext({ visitorId });
    return client.peek('test').value;
  });
  client.close();
  return found;
}

const CASES = {
  async 'a kill reaches two open tabs, of which one asks, and the next page view, also without a network'(t, engine) {
    const origin = await startHeads(t);
    const [one, code] = await start(t, engine, origin, { every: 1_000 });
    const [other] = await start(t, engine, origin, { every: 1_000 });
    assert.deepEqual([code, (await state(one))[1]], [undefined, 'SPLIT']);
    origin.kill('test');
    // Firefox hides a tab that is behind another: it takes what was kept once it is shown.
    for (const tab of [other, one]) {
      await tab.show();
      await tab.until(isKilled);
    }
    assert.deepEqual(await state(other), KILLED);
    for (const tab of [one, other]) await tab.goto(`${origin.url}/empty.html`);
    origin.held = (url) => (url.endsWith('.waft') ? 'absent' : undefined);
    const [next, without] = await start(t, engine, origin);
    assert.deepEqual([without, await state(next)], ['UNREACHABLE', KILLED]);
  },

  async 'a first visit without a head gets defaults, and one with a head decides'(t, engine) {
    const origin = await startHeads(t);
    const head = origin.files['/head.waft'];
    delete origin.files['/head.waft'];
    const [tab, code] = await start(t, engine, origin);
    assert.deepEqual([code, (await state(tab))[1]], ['HEAD_INCOMPLETE', 'ERROR']);
    origin.files['/head.waft'] = head;
    assert.deepEqual(await tab.evaluate(() => globalThis.client.load('/snapshot.waft')), { ok: true, version: 1 });
    assert.equal((await state(tab))[1], 'SPLIT');
  },

  async 'a page without a build, by a script element, obeys a kill'(t, engine) {
    const origin = await startHeads(t);
    origin.kill('test');
    const settings = 'data-snapshot="/snapshot.waft" data-trust="/trust.json" data-visitor="visitorId"';
    origin.files['/'] = `<!doctype html><link rel="icon" href="data:,"><script>
      (self.waft ??= []).push((client) => (self.read = client.getBooleanDetails('test', true)));
      </script><script async src="/waft/waft.iife.js" ${settings}></script>`;
    const tab = await engine.open();
    t.after(() => tab.close().catch(() => {}));
    await tab.goto(origin.url);
    assert.equal((await tab.until(() => globalThis.read)).value, false);
    assert.deepEqual(await tab.evaluate(() => [globalThis.read.value, globalThis.read.reason]), [false, 'DISABLED']);
  },

  async 'a kill ends what a server decided, in a page that is open and in the next page view'(t, engine) {
    const origin = await startHeads(t);
    const visitorId = switchedOn(origin);
    const server = createClientSync({ snapshot: origin.files['/snapshot.waft'], trust: JSON.parse(origin.files['/trust.json']) });
    const { html } = decide(server, { context: { visitorId }, same: ['visitorId'] });
    server.close();
    origin.files['/'] = `<!doctype html>${html}${origin.files['/']}`;
    const begin = async () => {
      const tab = await visit(t, engine, origin.url);
      await tab.show();
      const shown = await tab.evaluate(async (visitorId) => {
        const { hydrate, createClient } = globalThis.waft;
        globalThis.client = hydrate(createClient, globalThis.optionsOf({ hasHead: true, every: 1_000, context: { visitorId } }));
        const shown = globalThis.client.getBooleanValue('test', false);
        return [shown, await globalThis.client.ready(), globalThis.client.status().code ?? 'fine'];
      }, visitorId);
      return [tab, shown];
    };
    const [open, shown] = await begin();
    assert.deepEqual(
      [shown, await state(open)],
      [
        [true, true, 'fine'],
        ['on', 'SPLIT', false],
      ],
    );
    origin.kill('test');
    await open.until(isKilled);
    assert.deepEqual([await state(open), await open.evaluate(() => globalThis.client.getBooleanValue('test', true))], [KILLED, false]);
    await open.goto(`${origin.url}/empty.html`);
    // Its HTML comes from a server that does not know.
    const [next] = await begin();
    assert.deepEqual(await state(next), KILLED);
  },

  async 'the hints of headTags are what the page asks for: one request for the rules, and one for the head'(t, engine, name) {
    const origin = await startHeads(t);
    origin.files['/'] = `<!doctype html>${headTags({ snapshot: '/snapshot.waft', head: '/head.waft' })}${origin.files['/']}`;
    const [tab, code] = await start(t, engine, origin);
    assert.deepEqual([code, (await state(tab))[1]], [undefined, 'SPLIT']);
    const asked = (path) => origin.requests.filter(({ url }) => url === path).length;
    // The other two ask once more, as for every preload of a request that is to be revalidated: with an ETag, which is not sent here, for a 304.
    const times = name === 'Chromium' ? 1 : 2;
    assert.deepEqual(['/snapshot.waft', '/head.waft'].map(asked), [times, times]);
  },
};

inEngines(CASES);
