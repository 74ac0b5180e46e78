// What a visitor's browser may refuse, delay or have wrong, in Chromium, which has a switch for each: docs/client.md tells what happens then.
// What every engine can be asked is in suite.mjs.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { fused } from '../../pkg/tests/fuse.mjs';
import { launch } from './browser.mjs';
import { recordsOf, until } from './origin.mjs';
import { startShop } from './suite.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const DAY = 86_400_000;
const NEW = 'v1';

/** A page of the shop. What it throws, or leaves unhandled, fails the test. */
async function visit(t, origin, { context, clock = 0, script } = {}) {
  const own = context ?? (await browser.newContext());
  if (!context) t.after(() => own.close());
  const page = await own.newPage();
  const thrown = [];
  page.on('pageerror', (error) => thrown.push(String(error)));
  t.after(() => assert.deepEqual(thrown, []));
  if (clock) await page.addInitScript(setClock, clock);
  if (script) await page.addInitScript(script);
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.isLoaded);
  return page;
}

/** A device's clock, so many milliseconds ahead. */
function setClock(ahead) {
  const { now } = Date;
  Date.now = () => now() + ahead;
}

const begin = (page, options) => page.evaluate((options) => globalThis.begin(options), options);
/** What a visitor has of the page, and what the client says of itself. */
const state = (page) =>
  page.evaluate(() => {
    const { client } = globalThis;
    const { variant, reason } = client.getBooleanDetails('test', false);
    const { code, queued } = client.status();
    return { variant, reason, code, version: client.snapshot?.version, queued };
  });
const exposed = ({ records }) => new Set(records.map((record) => record['waft.exposure.id'])).size;
const waiting = (page) => page.evaluate(() => globalThis.waiting());
const done = (page) => page.waitForFunction(() => globalThis.waiting() === 0);
const kept = (page) => page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith('waft:good:')));

test('cookies and site data blocked: decided, sent from memory, an id for the page view, nothing thrown', async (t) => {
  const origin = await startShop(t);
  const profile = mkdtempSync(join(tmpdir(), 'waft-profile-'));
  mkdirSync(join(profile, 'Default'));
  const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(blocked));
  const context = await launch({}, (options) => chromium.launchPersistentContext(profile, options));
  t.after(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });
  const page = await visit(t, origin, { context });
  const refused = await page.evaluate(() => {
    // biome-ignore lint/suspicious/noDocumentCookie: as pages write it.
    document.cookie = 'a=b';
    try {
      return [document.cookie, typeof localStorage];
    } catch ({ name }) {
      return [document.cookie, name];
    }
  });
  assert.deepEqual(refused, ['', 'SecurityError']);
  const [id, again, other] = await page.evaluate(() => {
    const { cookie, storage } = globalThis.waft;
    return [cookie(), cookie(), storage()];
  });
  assert.match(id + other, /^[\w-]{44}$/);
  assert.equal(again, id);
  assert.equal(await begin(page, { context: { visitorId: id }, every: 1_000 }), undefined);
  assert.deepEqual((await state(page)).reason, 'SPLIT');
  await page.evaluate(() => globalThis.client.flush());
  assert.deepEqual([exposed(origin), await page.evaluate(() => globalThis.client.exposures.status().storage)], [1, 'memory']);
  assert.equal(await page.evaluate(() => globalThis.client.status().versionKept), false);
  origin.files['/snapshot.waft'] = origin.files['/snapshot-2.waft'];
  await page.waitForFunction(() => globalThis.client.snapshot.version === 2);
});

test('a private window: as any other, and nothing of it is there in the next one', async (t) => {
  const origin = await startShop(t);
  origin.answer = 503;
  // Playwright's contexts are private windows: off the record, each with storage of its own.
  const context = await browser.newContext();
  const page = await visit(t, origin, { context });
  await begin(page);
  assert.equal((await state(page)).reason, 'SPLIT');
  await kept(page);
  assert.deepEqual([await page.evaluate(() => globalThis.client.exposures.status().storage), await waiting(page)], ['localStorage', 1]);
  await context.close();
  origin.answer = 200;
  const next = await visit(t, origin);
  assert.equal(await next.evaluate(() => localStorage.length), 0);
  assert.equal(await begin(next), undefined);
});

test('offline at the start: defaults, or the last good rules; exposures are kept, and sent by the next page that has a network', async (t) => {
  const origin = await startShop(t);
  const first = await visit(t, origin);
  await first.context().setOffline(true);
  assert.equal(await begin(first), 'UNREACHABLE');
  const { variant, reason } = await state(first);
  assert.deepEqual([variant, reason], [undefined, 'ERROR']);

  await first.context().setOffline(false);
  assert.equal(await begin(first, { context: { visitorId: 'v2' } }), undefined);
  await kept(first);
  const page = await visit(t, origin, { context: first.context() });
  await first.context().setOffline(true);
  assert.equal(await begin(page), 'UNREACHABLE');
  const offline = await state(page);
  assert.deepEqual([offline.reason, offline.version], ['SPLIT', 1]);
  await page.waitForFunction(() => globalThis.waiting() === 1);
  await first.context().setOffline(false);
  await page.goto(`${origin.url}/empty.html`);
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.isLoaded);
  await begin(page);
  await done(page);
  assert.equal(exposed(origin), 1);
});

test('a slow network: starts at the timeout with defaults, or at once with the last good rules, and adopts what comes', async (t) => {
  const origin = await startShop(t);
  const page = await visit(t, origin);
  const session = await page.context().newCDPSession(page);
  const network = (latency) =>
    session.send('Network.emulateNetworkConditions', { offline: false, latency, downloadThroughput: -1, uploadThroughput: -1 });
  await network(3_000);
  const began = await page.evaluate(async () => {
    const since = performance.now();
    const code = await globalThis.begin({ timeout: 300 });
    return [code, performance.now() - since];
  });
  assert.equal(began[0], 'UNREACHABLE');
  assert.ok(began[1] >= 290 && began[1] < 2_500, `${began[1]} ms`);
  assert.equal(await page.evaluate(() => globalThis.client.ready(20_000)), true);
  assert.equal((await state(page)).reason, 'SPLIT');
  await kept(page);
  origin.files['/snapshot.waft'] = origin.files['/snapshot-2.waft'];
  assert.equal(await begin(page, { start: 'last-good' }), undefined);
  assert.equal((await state(page)).version, 1);
  await page.waitForFunction(() => globalThis.client.snapshot.version === 2);
});

test('an engine that really traps, in the midst of a decision: the next instance decides, and what was recorded is sent', async (t) => {
  const origin = await startShop(t);
  const script = () => {
    const { instantiate } = WebAssembly;
    globalThis.instances = [];
    WebAssembly.instantiate = async (...of) => {
      const made = await instantiate.apply(WebAssembly, of);
      globalThis.instances.push(made.instance ?? made);
      return made;
    };
  };
  origin.files['/fused.wasm'] = Buffer.from(fused(origin.files['/engine.wasm']));
  const page = await visit(t, origin, { script });
  const told = await page.evaluate(async () => {
    const { createClient } = await import('/waft/lean.js');
    // By its bytes: what a URL has must be the engine that ships.
    const engine = await (await fetch('/fused.wasm')).arrayBuffer();
    const client = await createClient({ ...globalThis.optionsOf(), engine });
    globalThis.client = client;
    const read = (visitorId) => {
      client.setContext({ visitorId });
      return client.getBooleanDetails('test', false).variant;
    };
    const before = read('v1');
    const fuse = globalThis.instances.map(({ exports }) => exports.fuse).find(Boolean);
    fuse.value = 20;
    // In the midst of what the next reads do.
    const during = ['v2', 'v3', 'v4', 'v1'].map(read);
    await client.flush();
    return { before, during, code: client.status().code, hasTrapped: fuse.value === 0 };
  });
  const plain = await visit(t, origin);
  await begin(plain, { exposures: false });
  const decided = await plain.evaluate(() => globalThis.decided(['v1', 'v2', 'v3', 'v4']).map((text) => text.split(' ')[0]));
  assert.deepEqual([told.before, told.during], [decided[0], [...decided.slice(1), decided[0]]]);
  assert.deepEqual([told.code, told.hasTrapped, exposed(origin)], [undefined, true, 4]);
});

test('an ad blocker that refuses the events endpoint: flags are decided, records wait, and go once it is allowed', async (t) => {
  const origin = await startShop(t);
  const page = await visit(t, origin);
  const context = page.context();
  await context.route('**/v1/logs', (route) => route.abort('blockedbyclient'));
  // Playwright does not see what a page sends as it is left; a blocker does.
  origin.answer = (response) => response.destroy();
  assert.equal(await begin(page), undefined);
  assert.equal((await state(page)).reason, 'SPLIT');
  await page.evaluate(() => globalThis.client.flush());
  const status = await page.evaluate(() => globalThis.client.exposures.status());
  assert.deepEqual([status.waiting, status.sent, status.lastStatus], [1, 0, 0]);
  // It is tried again, later and later.
  assert.ok(status.nextAttempt - Date.now() > 500, `${status.nextAttempt - Date.now()} ms`);
  await page.goto(`${origin.url}/empty.html`);
  assert.equal(origin.records.length, 0);
  await context.unroute('**/v1/logs');
  origin.answer = 200;
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.isLoaded);
  await begin(page);
  await done(page);
  assert.equal(exposed(origin), 1);
});

test("an old deploy's chunks are gone: an import that 404s is a code, and what is shown stays", async (t) => {
  const origin = await startShop(t);
  origin.headers = { 'content-security-policy': "script-src 'self'" };
  const page = await visit(t, origin);
  const fallback = await page.evaluate(async () => {
    const { createClient } = globalThis.waft;
    const client = await createClient({ ...globalThis.optionsOf(), fallback: () => import('/waft/compat-0a1b2c.js') });
    return [client.status().code, client.getBooleanValue('test', true)];
  });
  assert.deepEqual(fallback, ['ENGINE_FAILED', true]);
  const hydrated = await page.evaluate(async () => {
    const create = (options) => import('/waft/index-0a1b2c.js').then(({ createClient }) => createClient(options));
    const client = globalThis.waft.hydrate(create, globalThis.optionsOf());
    return [client.getBooleanValue('test', true), await client.ready(), client.status().code];
  });
  assert.deepEqual(hydrated, [true, false, 'ENGINE_FAILED']);
});

/** Snapshots live from now for 7 days, as `waft build` makes them by default; the experiment has run since January. */
const CLOCKS = [
  ['two days ahead', 2 * DAY, undefined, 'SPLIT'],
  ['two years ahead', 730 * DAY, 'EXPIRED', 'ERROR'],
  ['two days behind', -2 * DAY, undefined, 'SPLIT'],
  ['two years behind', -730 * DAY, undefined, 'SPLIT'],
];
for (const [what, ahead, code, reason] of CLOCKS) {
  test(`a clock that is ${what}: ${code ?? 'decided'}`, async (t) => {
    const origin = await startShop(t);
    const page = await visit(t, origin, { clock: ahead });
    assert.equal(await begin(page, { context: { visitorId: NEW } }), code);
    assert.equal((await state(page)).reason, reason);
    await page.evaluate(() => globalThis.client.flush());
    const exposures = origin.requests.filter(({ method }) => method === 'POST').flatMap(({ body }) => recordsOf(body));
    assert.equal(exposures.length, code ? 0 : 1);
    for (const { timeUnixNano, observedTimeUnixNano } of exposures) {
      // Both as the device has them: the collector knows when they arrive.
      const [lag, transit] = [Date.now() - timeUnixNano / 1e6, (observedTimeUnixNano - timeUnixNano) / 1e6];
      assert.ok(Math.abs(lag + ahead) < 60_000 && transit >= 0 && transit < 60_000, `${lag} ${transit}`);
    }
  });
}

test('a clock that is put right while the page is open: decided all along, and expired rules stay active', async (t) => {
  const origin = await startShop(t);
  const page = await visit(t, origin);
  await begin(page);
  const { variant } = await state(page);
  for (const ahead of [730 * DAY, -730 * DAY]) {
    await page.evaluate(setClock, ahead);
    await page.evaluate(() => globalThis.client.setContext({ visitorId: 'v1' }));
    assert.equal((await state(page)).variant, variant, `${ahead / DAY} days`);
  }
  await until(() => page.evaluate(() => globalThis.client.flush().then(() => true)));
  assert.equal(exposed(origin), 1);
});
