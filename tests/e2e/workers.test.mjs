// Exposures where there is no localStorage, in Chromium: workers, service workers, and frames to which everything is refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { startOrigin, until } from './origin.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** An empty page of a new profile. */
async function openPage(t, origin) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${origin.url}/empty.html`);
  return page;
}

/** Asks the worker that the page has under `name`. */
const askWorker = (page, ...question) =>
  page.evaluate(
    (question) =>
      new Promise((resolve, reject) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data: { value, error } }) => (error ? reject(new Error(error)) : resolve(value));
        globalThis.worker.postMessage(question, [port2]);
      }),
    question,
  );

const startWorker = (page) =>
  page.evaluate(() => {
    globalThis.worker = new Worker('/part.js', { type: 'module' });
  });

const registerService = (page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.register('/service.js');
    globalThis.worker = (await navigator.serviceWorker.ready).active;
  });

/** What is in the database: how many records under each key. */
const stored = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('waft');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const all = opening.result.transaction('records').objectStore('records').getAll();
          all.onsuccess = () => resolve(all.result.map((text) => JSON.parse(text).length));
          opening.result.close();
        };
      }),
  );

const visitors = (name, count) => Array.from({ length: count }, (_, index) => `${name}-${index}`);
const units = ({ records }) => records.map((record) => record['feature_flag.context.id']).sort();

test('a worker keeps its records in IndexedDB, a key per task, until they are acknowledged', async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin);
  await startWorker(page);
  origin.answer = 503;
  assert.equal(await askWorker(page, 'start'), undefined);
  await askWorker(page, 'meet', visitors('v', 6));
  await askWorker(page, 'flush');
  const { waiting, storage } = await askWorker(page, 'status');
  assert.deepEqual([waiting, storage], [6, 'indexedDB']);
  assert.deepEqual(await stored(page), [2, 2, 2]);
  origin.answer = 200;
  await until(async () => (await askWorker(page, 'status')).waiting === 0);
  await askWorker(page, 'flush');
  assert.deepEqual(await stored(page), []);
  assert.deepEqual(units(origin), visitors('v', 6));
});

for (const [what, answer] of [
  ['refuses', 500],
  ['has taken and not answered', undefined],
]) {
  test(`what a worker leaves that is terminated while the collector ${what} is sent by the next one`, async (t) => {
    const origin = await startOrigin(t);
    const page = await openPage(t, origin);
    for (const [index, name] of ['a', 'b'].entries()) {
      origin.answer = answer;
      await startWorker(page);
      await askWorker(page, 'start');
      await askWorker(page, 'meet', visitors(name, 7));
      void askWorker(page, 'flush').catch(() => {});
      // What the first has left is still there.
      await until(async () => (await stored(page)).reduce((sum, count) => sum + count, 0) >= 7 * (index + 1));
      await page.evaluate(() => globalThis.worker.terminate());
    }
    await page.reload();
    origin.answer = 200;
    await startWorker(page);
    await askWorker(page, 'start');
    await until(async () => (await stored(page)).length === 0, 20);
    assert.deepEqual(units(origin), [...visitors('a', 7), ...visitors('b', 7)]);
  });
}

test('two workers of an origin that both live: each record is acknowledged, and none is left', async (t) => {
  const origin = await startOrigin(t);
  const one = await openPage(t, origin);
  const other = await one.context().newPage();
  await other.goto(`${origin.url}/empty.html`);
  for (const page of [one, other]) {
    await startWorker(page);
    await askWorker(page, 'start');
  }
  await Promise.all([askWorker(one, 'meet', visitors('one', 30)), askWorker(other, 'meet', visitors('two', 30))]);
  await Promise.all([one, other].map((page) => askWorker(page, 'flush')));
  await until(async () => (await stored(one)).length === 0);
  assert.deepEqual([...new Set(units(origin))], [...visitors('one', 30), ...visitors('two', 30)].sort());
});

test('a service worker that is stopped: what it left is sent when it is started again', async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin);
  await registerService(page);
  origin.answer = 503;
  assert.equal(await askWorker(page, 'start'), undefined);
  await askWorker(page, 'meet', visitors('s', 5));
  await askWorker(page, 'flush');
  assert.equal((await askWorker(page, 'status')).storage, 'indexedDB');
  assert.deepEqual(
    (await stored(page)).reduce((sum, count) => sum + count, 0),
    5,
  );

  const session = await page.context().newCDPSession(page);
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  origin.answer = 200;
  assert.match(await askWorker(page, 'status').catch((error) => error.message), /undefined/, 'a new one, without a client');
  await askWorker(page, 'start');
  await until(async () => (await stored(page)).length === 0);
  assert.deepEqual(units(origin), visitors('s', 5));
});

test('a window keeps its records in localStorage', async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin);
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.ask);
  await page.evaluate(() => globalThis.ask('start'));
  const { storage } = await page.evaluate(() => globalThis.ask('meet', ['v1']));
  assert.equal(storage, 'localStorage');
});

test('a page that ends in the task of its first read leaves the exposure to the next', async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin);
  origin.answer = 503;
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.ask);
  // Nothing is awaited between the start and the read, nor between the read and the end.
  await page.evaluate(() => {
    void globalThis.ask('start', { context: { visitorId: 'v1' } }).then(() => {
      void globalThis.ask('call', 'getBooleanValue', 'test', false);
      globalThis.location.assign('/empty.html');
    });
  });
  await page.waitForURL('**/empty.html');
  origin.answer = 200;
  await page.goto(origin.url);
  await page.waitForFunction(() => globalThis.ask);
  await page.evaluate(() => globalThis.ask('start'));
  await until(() => units(origin).includes('v1'));
});

test('a worker whose database is refused: from memory', async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin);
  await startWorker(page);
  await askWorker(page, 'refuseDatabase');
  await askWorker(page, 'start');
  await askWorker(page, 'meet', visitors('m', 3));
  await askWorker(page, 'flush');
  assert.equal((await askWorker(page, 'status')).storage, 'memory');
  assert.deepEqual(units(origin), visitors('m', 3));
});

test("a database of that name that is somebody else's is left alone: from memory", async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin);
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open('waft', 7);
        opening.onupgradeneeded = () => opening.result.createObjectStore('theirs').put('untouched', 'waft:q:theirs');
        opening.onsuccess = () => resolve(opening.result.close());
      }),
  );
  await startWorker(page);
  await askWorker(page, 'start');
  await askWorker(page, 'meet', visitors('m', 3));
  await askWorker(page, 'flush');
  assert.equal((await askWorker(page, 'status')).storage, 'memory');
  assert.deepEqual(units(origin), visitors('m', 3));
  assert.deepEqual(await page.evaluate(async () => (await indexedDB.databases()).map(({ version }) => version)), [7]);
});

test('a database that is deleted under a worker is made anew', async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin);
  await startWorker(page);
  origin.answer = 503;
  await askWorker(page, 'start');
  await askWorker(page, 'meet', visitors('d', 2));
  await askWorker(page, 'flush');
  assert.deepEqual(await stored(page), [2]);
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const deleting = indexedDB.deleteDatabase('waft');
        deleting.onsuccess = resolve;
        deleting.onerror = deleting.onblocked = () => reject(new Error('it is held open'));
      }),
  );
  await askWorker(page, 'meet', visitors('e', 2));
  await askWorker(page, 'flush');
  assert.deepEqual(await stored(page), [2]);
  assert.deepEqual((({ waiting, storage }) => [waiting, storage])(await askWorker(page, 'status')), [4, 'indexedDB']);
});

test('a frame to which the browser refuses all storage: from memory', async (t) => {
  const origin = await startOrigin(t);
  const page = await openPage(t, origin);
  await page.evaluate((src) => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.sandbox.add('allow-scripts');
    frame.src = src;
  }, origin.url);
  await until(() => page.frames().length === 2);
  const frame = page.frames()[1];
  await frame.waitForFunction(() => globalThis.ask);
  assert.equal(
    await frame.evaluate(() => {
      try {
        return typeof localStorage;
      } catch (error) {
        return error.name;
      }
    }),
    'SecurityError',
  );
  await frame.evaluate(() => globalThis.ask('start'));
  await frame.evaluate(() => globalThis.ask('meet', ['f-0', 'f-1']));
  await frame.evaluate(() => globalThis.ask('flush'));
  assert.equal((await frame.evaluate(() => globalThis.ask('status'))).storage, 'memory');
  assert.deepEqual(units(origin), ['f-0', 'f-1']);
});
