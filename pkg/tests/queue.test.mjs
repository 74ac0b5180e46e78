// The queue, against a real collector that behaves and misbehaves: what is kept, sent again, given up, and left to the next page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { createClient, createClientSync } from '../dist/index.js';
import { collector, ids } from './collector.mjs';
import { clock, hurry, NOW, server, storage, TRUST, until } from './fixture.mjs';
import { clients, SNAPSHOT, start } from './recording.mjs';

test('500 then 200: kept in storage, sent again with the same id, then gone', async (t) => {
  const kept = storage();
  const it = await collector(t, 500);
  const page = await start(it.url);
  page.getStringValue('cta', '');
  await page.flush();
  assert.deepEqual([page.status().queued, kept.keys('waft:q:').length], [1, 1]);
  it.status = 200;
  await until(() => page.status().queued === 0);
  assert.deepEqual([page.status().sent, kept.keys('waft:q:').length, it.bodies.length, it.records.length], [1, 0, 2, 1]);
});

test('a device clock that is set back makes nobody wait', async (t) => {
  storage();
  const move = clock();
  const it = await collector(t, 500);
  const page = await start(it.url);
  page.getStringValue('cta', '');
  await page.flush();
  move(NOW - 86_400_000);
  it.status = 200;
  await until(() => page.status().queued === 0);
  assert.equal(it.records.length, 1);
});

test('exposures.status(): what waits, what was dropped and why, and when it goes on', async (t) => {
  storage();
  const none = await createClient({ snapshot: SNAPSHOT, trust: TRUST, context: {} });
  assert.equal(none.exposures.status(), undefined);
  none.close();
  const it = await collector(t, 401);
  const page = await start(it.url);
  const empty = {
    waiting: 0,
    sent: 0,
    overflow: 0,
    tooLong: 0,
    refused: 0,
    rejected: 0,
    leftOut: 0,
    lastStatus: undefined,
    nextAttempt: undefined,
    storage: 'localStorage',
  };
  assert.deepEqual(page.exposures.status(), empty);
  page.track('huge', { text: 'x'.repeat(20_000) });
  page.getStringValue('cta', '');
  await page.flush();
  const { nextAttempt, ...status } = page.exposures.status();
  assert.deepEqual({ ...status, nextAttempt: undefined }, { ...empty, waiting: 2, leftOut: 1, lastStatus: 401 });
  assert.ok(nextAttempt > NOW + 59_000 && nextAttempt < NOW + 61_000, String(nextAttempt - NOW));
});

for (const status of [401, 403, 404, 429, 500, 503, 301, 405]) {
  test(`${status}: kept`, async (t) => {
    const kept = storage();
    const it = await collector(t, status);
    const page = await start(it.url);
    page.getStringValue('cta', '');
    await page.flush();
    assert.deepEqual([page.status().queued, page.status().dropped, kept.keys('waft:q:').length], [1, 0, 1]);
  });
}

for (const status of [400, 422]) {
  test(`${status}: dropped and counted`, async (t) => {
    const kept = storage();
    const it = await collector(t, status);
    const page = await start(it.url);
    page.getStringValue('cta', '');
    await page.flush();
    assert.deepEqual([page.status(), kept.keys('waft:q:').length], [{ queued: 0, sent: 0, dropped: 1 }, 0]);
  });
}

test('413 splits until it fits; one record that never fits is dropped', async (t) => {
  const kept = storage();
  const it = await collector(t, (body) => (body.length > 4_000 || body.includes('giant') ? 413 : 200));
  const page = await start(it.url);
  for (let event = 0; event < 20; event++) page.track(event === 7 ? 'giant' : 'small');
  await page.flush();
  assert.deepEqual(page.status(), { queued: 0, sent: 19, dropped: 1 });
  assert.equal(new Set(ids(it)).size, 19);
  assert.equal(kept.keys('waft:q:').length, 0);
});

test('Retry-After is obeyed', async (t) => {
  storage();
  const it = await collector(t, 503);
  it.headers = { 'retry-after': '120' };
  const page = await start(it.url);
  const delays = [];
  page.getStringValue('cta', '');
  const { setTimeout } = globalThis;
  t.mock.method(globalThis, 'setTimeout', (work, delay) => {
    delays.push(delay);
    return setTimeout(work, delay);
  });
  await page.flush();
  const obeyed = (delay) => delay > 119_000 && delay <= 120_000;
  assert.ok(obeyed(delays.at(-1)), String(delays));
  // A record made meanwhile does not shorten it.
  page.track('purchase');
  await null;
  assert.ok(delays.slice(delays.findIndex(obeyed)).every(obeyed), String(delays));
});

test('an answer that hangs, is cut, redirects, is a page, or does not end is no yes', async (t) => {
  const kept = storage();
  hurry(t, 100);
  let how;
  const ends = {
    hang: () => undefined,
    half: (response) => response.writeHead(200, { 'content-length': 10 }).write('{'),
    cut: (response) => response.writeHead(200, { 'content-length': 10 }).write('{', () => response.destroy()),
    redirect: (response) => response.writeHead(302, { location: '/there' }).end(),
    page: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'),
    endless: (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'.repeat(30_000)), 1);
      response.on('close', () => clearInterval(timer));
    },
  };
  const url = await server(t, (_, request, response) => (request.url === '/there' ? [200] : void ends[how](response)));
  for (how of Object.keys(ends)) {
    const page = await start(url);
    page.getStringValue('cta', '');
    await page.flush();
    assert.deepEqual([page.status().sent, page.status().queued > 0], [0, true], how);
    page.close();
  }
  assert.ok(kept.keys('waft:q:').length > 0);
});

test('an empty 200, a 204 and a partial success are a yes; what was rejected is counted', async (t) => {
  storage();
  const it = await collector(t);
  const page = await start(it.url);
  it.answer = '';
  page.track('one');
  await page.flush();
  it.status = 204;
  page.track('two');
  await page.flush();
  it.status = 200;
  it.answer = '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"no"}}';
  page.track('three');
  page.track('four');
  await page.flush();
  assert.deepEqual(page.status(), { queued: 0, sent: 3, dropped: 1 });
  // No collector can reject more than it was sent.
  it.answer = '{"partialSuccess":{"rejectedLogRecords":5000000000}}';
  page.track('five');
  await page.flush();
  assert.deepEqual(page.status(), { queued: 0, sent: 3, dropped: 2 });
});

test('the next page sends what a dead one left, and leaves what is not ours', async (t) => {
  const kept = storage();
  const it = await collector(t);
  const dead = await start('http://127.0.0.1:9/');
  dead.getStringValue('cta', '');
  dead.track('purchase');
  await dead.flush();
  clients.pop().close();
  const [key] = kept.keys('waft:q:');
  kept.setItem('waft:q:foreign:0', kept.getItem(key).replaceAll('"project":"shop"', '"project":"other"'));
  for (const [index, junk] of ['', 'junk', '{}', 'null', '[]', '[null]', '[{}]', '[{"event":1}]'].entries())
    kept.setItem(`waft:q:junk:${index}`, junk);
  kept.setItem('other', 'untouched');
  const page = await start(it.url);
  await until(() => page.status().sent === 2);
  assert.deepEqual(
    it.records.map(({ eventName }) => eventName),
    ['feature_flag.evaluation', 'waft.track'],
  );
  await until(() => kept.keys('waft:q:').length === 1);
  assert.deepEqual(kept.keys('waft:q:'), ['waft:q:foreign:0']);
  assert.equal(kept.getItem('other'), 'untouched');
});

test('whoever takes consent back at once sends nothing that a dead page left, and asks storage for nothing', async (t) => {
  const kept = storage();
  const it = await collector(t);
  const dead = await start('http://127.0.0.1:9/');
  dead.getStringValue('cta', '');
  await dead.flush();
  clients.pop().close();
  const pages = [];
  for (const consent of ['denied', 'pending', 'granted']) {
    const page = await start(it.url);
    page.exposures.setConsent(consent);
    pages.push(page);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual([consent, kept.keys('waft:q:').length, page.status().queued], [consent, consent === 'granted' ? 0 : 1, 0]);
  }
  // Once it is given again, it is sent.
  assert.deepEqual([it.records.length, pages[2].status().sent], [1, 1]);
});

test('what dead pages left beyond the room of one is taken over when there is some; a group larger than all the room is left', async (t) => {
  const kept = storage();
  const it = await collector(t, 503);
  const dead = await start(it.url);
  for (let task = 0; task < 3; task++) {
    for (let event = 0; event < 300; event++) dead.track('event');
    await null;
  }
  const [group] = kept.keys('waft:q:');
  const records = JSON.parse(kept.getItem(group));
  const another = (id) =>
    records.map((record, index) => ({ ...record, attributes: { ...record.attributes, 'waft.event.id': `${id}-${index}` } }));
  kept.setItem('waft:q:other:0', JSON.stringify([...another('a'), ...another('b')]));
  kept.setItem('waft:q:huge:0', JSON.stringify([...another('c'), ...another('d'), ...another('e'), ...another('f')]));
  dead.close();
  it.status = 200;
  await start(it.url);
  await until(() => kept.keys('waft:q:').length === 1);
  assert.equal(new Set(ids(it)).size, 1_500);
  assert.deepEqual(kept.keys('waft:q:'), ['waft:q:huge:0']);
});

test('a storage that throws, or that is not there: sent from memory, and said so', async (t) => {
  const it = await collector(t);
  const stored = async (page) => {
    page.track('purchase');
    await null;
    return page.exposures.status().storage;
  };
  const kept = storage();
  kept.refuse = true;
  const page = await start(it.url);
  assert.equal(await stored(page), 'memory');
  kept.refuse = false;
  assert.equal(await stored(page), 'localStorage', 'there is room again');
  await page.flush();
  assert.equal(it.records.length, 2);
  for (const localStorage of [
    {
      get() {
        throw new DOMException('refused', 'SecurityError');
      },
    },
    { value: undefined },
  ]) {
    Object.defineProperty(globalThis, 'localStorage', { ...localStorage, configurable: true });
    it.records.length = 0;
    const page = await start(it.url);
    page.getStringValue('cta', '');
    await page.flush();
    assert.deepEqual([it.records.length, page.exposures.status().storage], [1, 'memory']);
  }
});

test('at most 1,000 records wait, and more are counted; an oversized one is dropped alone', async (t) => {
  storage();
  const it = await collector(t, 503);
  const page = await start(it.url);
  // The longest name and units, in letters that JSON writes longest.
  const longest = '\u0001'.repeat(1_024);
  page.setContext({ visitorId: longest, accountId: longest });
  page.track(longest);
  page.setContext({ visitorId: 'v1' });
  page.track('small');
  await null;
  assert.deepEqual([page.status().queued, page.status().dropped], [1, 1]);
  for (let event = 0; event < 1_100; event++) page.track('event');
  assert.deepEqual([page.status().queued, page.status().dropped], [1_000, 102]);
  it.status = 200;
  await page.flush();
  assert.deepEqual(page.status(), { queued: 0, sent: 1_000, dropped: 102 });
  assert.equal(new Set(ids(it)).size, 1_000);
  assert.ok(
    it.bodies.every((body) => body.length <= 60_000),
    String(it.bodies.map((body) => body.length)),
  );
});

test('records go by themselves: soon, and at once when there are 50', async (t) => {
  storage();
  const it = await collector(t);
  const page = await start(it.url);
  for (let event = 0; event < 50; event++) page.track('event');
  await until(() => it.records.length > 0);
  await until(() => page.status().queued === 0);
  page.track('one');
  await until(() => it.records.length === 51);
});

test('leaving the page sends at once with keepalive, also beside a request in flight; a beacon only where that fails', async (t) => {
  const kept = storage();
  const page$ = new EventTarget();
  const document$ = Object.assign(new EventTarget(), { hidden: false });
  globalThis.addEventListener = page$.addEventListener.bind(page$);
  Object.defineProperty(globalThis, 'document', { value: document$, configurable: true });
  const beacons = [];
  const navigator$ = Object.getOwnPropertyDescriptor(globalThis, 'navigator') ?? { value: undefined };
  Object.defineProperty(globalThis, 'navigator', { value: { sendBeacon: (...args) => beacons.push(args) }, configurable: true });
  t.after(() => {
    delete globalThis.document;
    delete globalThis.addEventListener;
    Object.defineProperty(globalThis, 'navigator', { ...navigator$, configurable: true });
  });
  const calls = [];
  let fail = false;
  t.mock.method(globalThis, 'fetch', async (_url, init) => {
    calls.push(init);
    if (fail) throw new TypeError('keepalive quota');
    return new Promise(() => {});
  });
  const page = await start('http://127.0.0.1:9/');
  page.getStringValue('cta', '');
  void page.flush();
  assert.equal(calls.length, 1);
  page.track('last');
  document$.hidden = true;
  document$.dispatchEvent(new Event('visibilitychange'));
  assert.equal(calls.length, 2, 'before any microtask');
  assert.ok(calls.every(({ keepalive, method }) => keepalive && method === 'POST'));
  page$.dispatchEvent(new Event('pagehide'));
  assert.equal(calls.length, 2, 'nothing is sent twice');
  fail = true;
  page.track('very last');
  page$.dispatchEvent(new Event('pagehide'));
  await until(() => beacons.length === 1);
  assert.equal(beacons[0][1].type, 'application/json');
  assert.match(await beacons[0][1].text(), /very last/);
  assert.equal(kept.keys('waft:q:').length, 3, 'no answer was read: all is kept for the next page');
  page.close();
});

test('while a page is prerendered exposures wait, and take the time at which it is shown', async (t) => {
  const kept = storage();
  const it = await collector(t);
  const document$ = Object.assign(new EventTarget(), { prerendering: true, hidden: false });
  Object.defineProperty(globalThis, 'document', { value: document$, configurable: true });
  t.after(() => delete globalThis.document);
  const page = await start(it.url);
  page.getStringValue('cta', '');
  await page.flush();
  await new Promise(setImmediate);
  assert.deepEqual([kept.keys('waft:q:').length, it.bodies.length, page.status().queued], [0, 0, 1]);
  clock(NOW + 60_000);
  document$.prerendering = false;
  document$.dispatchEvent(new Event('prerenderingchange'));
  await null;
  await page.flush();
  assert.equal(it.records[0].timeUnixNano, `${NOW + 60_000}000000`);
});

test('to look for what gone pages left keeps no process', (t) => {
  storage();
  const { setTimeout } = globalThis;
  const timers = [];
  t.mock.method(globalThis, 'setTimeout', (work, delay) => {
    timers.push([delay, setTimeout(work, delay)]);
    return timers.at(-1)[1];
  });
  createClientSync({ trust: TRUST, snapshot: SNAPSHOT, exposures: recorder({ endpoint: 'http://127.0.0.1:9/v1/logs' }) }).close();
  const [[, timer], ...others] = timers.filter(([delay]) => delay === 200);
  assert.deepEqual([timer.hasRef(), others], [false, []]);
});
