// What comes late, never or not at all, in Chromium: files, locks and a database that somebody holds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { EVERYBODY, startOrigin, until } from './origin.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const LISTED = {
  ...EVERYBODY,
  lists: { vip: { attribute: 'visitorId', ids: Array.from({ length: 5_000 }, (_, id) => `v${id}`), preload: true } },
  flags: {
    ...EVERYBODY.flags,
    listed: { type: 'boolean', whenOff: 'off', default: 'off', rules: [{ id: 'vip', if: { list: 'vip' }, serve: 'on' }] },
  },
};

async function openPage(t, origin, path = '') {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${origin.url}/${path}`);
  if (!path) await page.waitForFunction(() => globalThis.ask);
  return page;
}

/** Starts a client: how many seconds that takes, and its code. */
const start = (page, options) =>
  page.evaluate(async (options) => {
    const began = performance.now();
    const code = await globalThis.ask('start', options);
    return { seconds: (performance.now() - began) / 1_000, code };
  }, options);
const ask = (page, ...question) => page.evaluate((question) => globalThis.ask(...question), question);

test('servers that accept and never answer, answer heads alone, or let the body trickle', async (t) => {
  const holds = [
    ['/engine.wasm', 11, 'ENGINE_FAILED'],
    ['/snapshot.waft', 11, 'UNREACHABLE'],
    ['/lists-', 11],
    ['.list', 11],
  ];
  const cases = holds.flatMap(([held, seconds, code]) => ['never', 'heads', 'trickle'].map((how) => ({ held, seconds, code, how })));
  // All at once: each takes as long as a deadline.
  await Promise.all(
    cases.map(async ({ held, seconds, code, how }) => {
      const origin = await startOrigin(t, LISTED);
      const page = await openPage(t, origin);
      origin.held = (url) => url.includes(held) && how;
      const started = await start(page);
      const told = `${held} ${how}: ${JSON.stringify(started)}`;
      // The machine may be busy with the others.
      assert.ok(started.seconds < seconds + 9, told);
      assert.equal(started.code, code, told);
      const { waiting } = await ask(page, 'meet', ['v1', 'v2']);
      assert.equal(waiting, code ? 0 : 2, told);
      await ask(page, 'flush');
      if (!code) assert.equal(origin.records.length, 2, told);
    }),
  );
});

test('locks that another tab never lets go of: flags and records go on, and the version is noted all the same', async (t) => {
  const origin = await startOrigin(t);
  const holder = await openPage(t, origin, 'empty.html');
  await holder.evaluate(() =>
    Promise.all(
      ['waft:seen', 'waft:queue:local'].map(
        (name) => new Promise((held) => void navigator.locks.request(name, () => (held(), new Promise(() => {})))),
      ),
    ),
  );
  const page = await holder.context().newPage();
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.ask);
  const { seconds, code } = await start(page);
  assert.deepEqual([seconds < 3, code], [true, undefined]);
  await ask(page, 'meet', ['v1', 'v2']);
  await ask(page, 'flush');
  assert.equal(origin.records.length, 2);
  await until(() => page.evaluate(() => Object.keys(localStorage).some((key) => key.startsWith('waft:seen'))), 20);
});

test('a database whose opening is blocked by another tab: a worker records from memory', async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin, 'empty.html');
  await page.evaluate(
    () =>
      new Promise((blocked) => {
        indexedDB.open('waft').onsuccess = ({ target }) => {
          // It does not close at a change of version, so that the next one waits, and all behind it.
          globalThis.held = target.result;
          indexedDB.open('waft', 2).onblocked = blocked;
        };
      }),
  );
  const askWorker = (...question) =>
    page.evaluate(
      (question) =>
        new Promise((resolve) => {
          globalThis.worker ??= new Worker('/part.js', { type: 'module' });
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data }) => resolve(data.error ?? data.value);
          globalThis.worker.postMessage(question, [port2]);
        }),
      question,
    );
  const began = performance.now();
  assert.equal(await askWorker('start'), undefined);
  assert.ok(performance.now() - began < 3_000);
  await askWorker('meet', ['v1', 'v2']);
  await askWorker('flush');
  assert.ok(performance.now() - began < 20_000);
  assert.deepEqual([origin.records.length, (await askWorker('status')).storage], [2, 'memory']);
});

test("a page's policy that refuses wasm: status() says so, and what is tracked waits for rules", async (t) => {
  const origin = await startOrigin(t);
  origin.headers = { 'content-security-policy': "script-src 'self'" };
  const page = await openPage(t, origin);
  await start(page);
  await ask(page, 'call', 'setContext', { visitorId: 'v1' });
  await ask(page, 'buy', 'purchase');
  const { code, queued, dropped } = await ask(page, 'all');
  const { code: why, waiting } = await ask(page, 'status');
  assert.deepEqual([code, queued, dropped, why, waiting], ['ENGINE_FAILED', 1, 0, undefined, 1]);
});

test("a page's policy that refuses wasm: waft/compat decides, and what it decides is recorded", async (t) => {
  const origin = await startOrigin(t);
  origin.headers = { 'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self'" };
  const page = await openPage(t, origin);
  const loads = () => origin.requests.filter(({ url }) => url.includes('compat')).length;
  assert.equal(loads(), 0);
  assert.equal(await ask(page, 'start', { compat: true }), undefined);
  assert.equal(loads(), 1);
  await ask(page, 'call', 'setContext', { visitorId: 'v1' });
  assert.equal(await ask(page, 'buy', 'purchase'), 'SPLIT');
  const { code, sent, lost } = await ask(page, 'status');
  assert.deepEqual([code, sent, lost, origin.records.length], [undefined, 2, undefined, 2]);
});

test('where wasm is allowed, waft/compat is not loaded', async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin);
  assert.equal(await ask(page, 'start', { compat: true }), undefined);
  assert.ok(!origin.requests.some(({ url }) => url.includes('compat')));
});

test('a service worker that is cut into chunks records all the same', async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin, 'empty.html');
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/part.js', { type: 'module' });
    globalThis.worker = (await navigator.serviceWorker.ready).active;
  });
  const askWorker = (...question) =>
    page.evaluate(
      (question) =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data }) => resolve(data.error ?? data.value);
          globalThis.worker.postMessage(question, [port2]);
        }),
      question,
    );
  assert.equal(await askWorker('start'), undefined);
  await askWorker('call', 'setContext', { visitorId: 'v1' });
  assert.equal(await askWorker('buy', 'purchase'), 'SPLIT');
  assert.deepEqual([(await askWorker('all')).sent, origin.records.length], [2, 2]);
});
