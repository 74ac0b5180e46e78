// How a client starts: from rules that come in time, from those that are kept, or from none; and what comes later is adopted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../dist/lean.js';
import { clock, ENGINE, server, snapshot, storage, TRUST, until } from './fixture.mjs';

const [FIRST, SECOND] = [1, 2].map((version) => snapshot({ version, ruleset: (text) => text.replace('"always"', `"v${version}"`) }));
const CONTEXT = { visitorId: 'v1', country: 'DE' };
const start = (options) => createClient({ trust: TRUST, engine: ENGINE, context: CONTEXT, ...options });

test.beforeEach(() => {
  clock();
  storage();
});

/** A server that answers when it is let, whatever it was asked until then. */
async function held(t, body) {
  const waiting = [];
  const url = await server(t, (_body, _request, response) => {
    waiting.push(response);
    return [];
  });
  const asked = () => until(() => waiting.length, 'it is asked');
  const release = async () => {
    await asked();
    for (const response of waiting) response.writeHead(200).end(body);
  };
  return { url: `${url}/s.waft`, release };
}

/** Until a version is kept, which takes a moment: what is late would be kept for the next test. */
const kept = (version) =>
  until(() => {
    const [seen] = localStorage.keys('waft:seen');
    return seen && localStorage.getItem(seen).startsWith(`${version} `) && localStorage.keys('waft:good').length;
  }, 'it is kept');

/** An earlier page view, which keeps the first version. */
async function earlier() {
  const page = await start({ snapshot: FIRST });
  await kept(1);
  page.close();
}

test('rules that are late: defaults after the timeout, and the rules when they come', async (t) => {
  const late = await held(t, FIRST);
  const page = await start({ snapshot: late.url, timeout: 50 });
  const { value, reason, errorCode } = page.getStringDetails('fixed', 'mine');
  assert.deepEqual([value, reason, errorCode, page.status().code], ['mine', 'ERROR', 'PROVIDER_NOT_READY', 'UNREACHABLE']);
  assert.equal(await page.ready(10), false);
  const heard = [];
  page.on('ready', ({ version }) => heard.push(version));
  await late.release();
  assert.equal(await page.ready(5_000), true);
  assert.deepEqual([page.getStringValue('fixed', 'mine'), page.status().code, heard], ['v1', undefined, [1]]);
  await kept(1);
  page.close();
});

test('rules that are late: those of an earlier page view after the timeout, and a change when others come', async (t) => {
  await earlier();
  const late = await held(t, SECOND);
  const page = await start({ snapshot: late.url, timeout: 50 });
  assert.deepEqual([page.getStringValue('fixed', 'mine'), page.snapshot.version, page.status().code], ['v1', 1, undefined]);
  const changes = [];
  page.on('configurationChanged', (change) => changes.push(change));
  await late.release();
  await until(() => changes.length);
  assert.deepEqual(changes, [{ version: 2, flagsChanged: ['fixed'] }]);
  assert.equal(page.getStringValue('fixed', 'mine'), 'v2');
  await kept(2);
  page.close();
});

test('last-good: starts before the server answers, and adopts what it answers', async (t) => {
  await earlier();
  const late = await held(t, SECOND);
  const page = await start({ snapshot: late.url, timeout: 60_000, start: 'last-good' });
  assert.deepEqual([page.getStringValue('fixed', 'mine'), page.status().code, await page.ready(0)], ['v1', undefined, true]);
  const changes = [];
  page.on('configurationChanged', ({ version }) => changes.push(version));
  await late.release();
  await until(() => changes.length);
  assert.equal(page.getStringValue('fixed', 'mine'), 'v2');
  await kept(2);
  page.close();
});

test('last-good: waits where nothing is kept, or what is kept is refused', async (t) => {
  const third = snapshot({ version: 3, expires: '2027-12-31T00:00:00Z' });
  for (const isKept of [false, true]) {
    storage();
    if (isKept) {
      await earlier();
      clock(Date.parse('2027-06-01T00:00:00Z'));
    }
    const late = await held(t, third);
    const starting = start({ snapshot: late.url, start: 'last-good', timeout: Infinity });
    await late.release();
    const page = await starting;
    assert.deepEqual([page.getStringValue('fixed', 'mine'), page.status().code], ['always', undefined]);
    await kept(3);
    page.close();
  }
});

test('last-good: rules are asked for beside the engine where none are kept, though earlier ones are known', async (t) => {
  await earlier();
  // As of rules that are too large to be kept.
  for (const name of localStorage.keys('waft:good')) localStorage.removeItem(name);
  const [rules, engine] = [await held(t, SECOND), await held(t, '')];
  const starting = start({ snapshot: rules.url, engine: engine.url, fallback: () => ENGINE, start: 'last-good', timeout: 10_000 });
  // The engine is not there before.
  await rules.release();
  await engine.release();
  (await starting).close();
});

test('an engine that is late: defaults after the timeout, and the rules when it comes', async (t) => {
  const late = await held(t, ENGINE);
  const page = await start({ snapshot: FIRST, engine: late.url, timeout: 50 });
  assert.deepEqual([page.getStringValue('fixed', 'mine'), page.status().code], ['mine', 'ENGINE_FAILED']);
  await late.release();
  assert.equal(await page.ready(5_000), true);
  assert.equal(page.getStringValue('fixed', 'mine'), 'v1');
  await kept(1);
  page.close();
});

test('last-good: an engine that comes after the timeout, and nothing is kept: what was late is told until rules come', async (t) => {
  const [engine, rules] = [await held(t, ENGINE), await held(t, FIRST)];
  const page = await start({ snapshot: rules.url, engine: engine.url, start: 'last-good', timeout: 50 });
  assert.equal(page.status().code, 'ENGINE_FAILED');
  await engine.release();
  assert.equal(await page.ready(300), false);
  assert.equal(page.status().code, 'ENGINE_FAILED');
  await rules.release();
  assert.equal(await page.ready(5_000), true);
  assert.equal(page.status().code, undefined);
  await kept(1);
  page.close();
});

test('a trust that is none is told at the timeout, whatever else is late', async (t) => {
  const late = await held(t, FIRST);
  const page = await start({ snapshot: late.url, trust: {}, timeout: 50 });
  assert.equal(page.status().code, 'INVALID_TRUST');
  page.close();
  await late.release();
});

test('closed before the rules come: nothing starts any more', async (t) => {
  await earlier();
  const late = await held(t, SECOND);
  const page = await start({ snapshot: late.url, timeout: 0 });
  page.close();
  await late.release();
  assert.equal(await page.ready(100), false);
  assert.equal(page.snapshot, undefined);
});

test('what is no number is no timeout, and throws nothing', async () => {
  for (const timeout of [NaN, 'soon', null, -1, {}, Symbol('s')]) {
    const page = await start({ snapshot: FIRST, timeout });
    assert.equal(typeof (await page.ready(timeout)), 'boolean');
    page.close();
  }
});

test('all flags at once, without an exposure', async () => {
  let exposed = 0;
  const page = await start({ snapshot: FIRST });
  page.on('exposure', () => exposed++);
  const all = page.all();
  assert.equal(all.fixed.value, 'v1');
  for (const [key, details] of Object.entries(all)) assert.deepEqual(details, page.peek(key, undefined));
  assert.equal(exposed, 0);
  page.close();
  assert.deepEqual(page.all(), {});
});

test('bytes are bytes: of Node, of a view, and of memory that is shared', async () => {
  const shared = (bytes) => {
    const view = new Uint8Array(new SharedArrayBuffer(bytes.length));
    view.set(bytes);
    return view;
  };
  const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const as of [Buffer.from, view, shared, (bytes) => shared(bytes).buffer]) {
    const page = await start({ snapshot: as(FIRST), engine: as(new Uint8Array(ENGINE)) });
    assert.deepEqual([page.getStringValue('fixed', 'mine'), page.status().code], ['v1', undefined], String(as));
    page.close();
  }
});

test('where a task can be ended, it is after long work: before the engine and what extends the client, and before the page reads', async (t) => {
  const { now } = Date;
  t.after(() => {
    delete globalThis.scheduler;
    Date.now = now;
  });
  /** What a start does, if so many milliseconds pass from one look at the clock to the next. */
  const told = async (pace) => {
    const told = [];
    let decisions;
    let time = now();
    Date.now = () => (time += pace);
    const tell = (what) => told.push(`${what} ${decisions?.snapshot?.version}`);
    globalThis.scheduler = { yield: async () => tell('rest') };
    const open = (host) => {
      decisions = host.decisions;
      tell('open');
      return {};
    };
    const page = await start({ snapshot: FIRST, debug: { kind: 'debug', open } });
    page.close();
    return told;
  };
  assert.deepEqual(await told(11), ['rest undefined', 'open undefined', 'rest 1']);
  // As in a second page view, whose code the browser has compiled: a flag would wait for the browser's own work.
  assert.deepEqual(await told(0), ['open undefined']);
  await kept(1);
});

test('rules of many kilobytes are kept whole', async () => {
  const long = 'é€'.repeat(10_000);
  const page = await start({ snapshot: snapshot({ ruleset: (text) => text.replace('"always"', JSON.stringify(long)) }) });
  await kept(1);
  page.close();
  const next = await start({ snapshot: 'http://127.0.0.1:9/', start: 'last-good' });
  assert.equal(next.getStringValue('fixed', ''), long);
  next.close();
});
