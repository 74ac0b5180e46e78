// Heads in Chromium: a kill reaches open tabs and outlives the page view, and rules decide while a pointer vouches for them.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { waft } from './site.mjs';
import { startShop } from './suite.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

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

async function visit(context, origin, options) {
  const page = await context.newPage();
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.isLoaded);
  return [page, await page.evaluate((options) => globalThis.begin(options), { hasHead: true, ...options })];
}

const state = (page) =>
  page.evaluate(() => {
    const { variant, reason, flagMetadata } = globalThis.client.peek('test');
    return [variant, reason, flagMetadata.killed ?? false];
  });

test('a kill reaches two open tabs, of which one asks, and the next page view, also without a network', async (t) => {
  const origin = await startHeads(t);
  const context = await browser.newContext();
  t.after(() => context.close());
  const [one, code] = await visit(context, origin, { every: 1_000 });
  const [other] = await visit(context, origin, { every: 1_000 });
  assert.deepEqual([code, (await state(one))[1]], [undefined, 'SPLIT']);
  origin.kill('test');
  const killed = () => globalThis.client.peek('test').flagMetadata.killed;
  for (const page of [one, other]) await page.waitForFunction(killed);
  assert.deepEqual(await state(other), ['off', 'DISABLED', true]);
  for (const page of [one, other]) await page.close();
  origin.held = (url) => (url.endsWith('.waft') ? 'absent' : undefined);
  const [next, without] = await visit(context, origin);
  assert.deepEqual([without, await state(next)], ['UNREACHABLE', ['off', 'DISABLED', true]]);
});

test('a first visit without a head gets defaults, and one with a head decides', async (t) => {
  const origin = await startHeads(t);
  const context = await browser.newContext();
  t.after(() => context.close());
  const head = origin.files['/head.waft'];
  delete origin.files['/head.waft'];
  const [page, code] = await visit(context, origin);
  assert.deepEqual([code, (await state(page))[1]], ['HEAD_INCOMPLETE', 'ERROR']);
  origin.files['/head.waft'] = head;
  assert.deepEqual(await page.evaluate(() => globalThis.client.load('/snapshot.waft')), { ok: true, version: 1 });
  assert.equal((await state(page))[1], 'SPLIT');
});

test('a page without a build, by a script element, obeys a kill', async (t) => {
  const origin = await startHeads(t);
  origin.kill('test');
  const settings = 'data-snapshot="/snapshot.waft" data-trust="/trust.json" data-visitor="visitorId"';
  origin.files['/'] = `<!doctype html><link rel="icon" href="data:,"><script>
    (self.waft ??= []).push((client) => (self.read = client.getBooleanDetails('test', true)));
    </script><script async src="/waft/waft.iife.js" ${settings}></script>`;
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.read);
  assert.deepEqual(await page.evaluate(() => [globalThis.read.value, globalThis.read.reason]), [false, 'DISABLED']);
});
