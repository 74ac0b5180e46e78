// Newer rules while a page is open: poll, stream and pin, over real HTTP; what was exposed stays, a kill wins, and time is an event.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../dist/index.js';
import { pin, poll, stream } from '../dist/updates.js';
import { clock, NOW, server, snapshot, storage, TRUST, until } from './fixture.mjs';

const FIRST = snapshot();
const fixed = (text, value) => text.replace('"always"', `"${value}"`);
const SECOND = snapshot({ version: 2, ruleset: (text) => fixed(text, 'v2') });
/** The first phase of `cta` split otherwise: the same unit, another variant. */
const split = (text) => text.replace('split: { plain: 50%, bold: 50% }', 'split: { plain: 1%, bold: 99% }');
const TURNED = snapshot({ version: 2, ruleset: (text) => fixed(split(text), 'v2') });
const STOPPED = snapshot({
  version: 3,
  ruleset: (text) => fixed(text, 'v3').replace('      - { id: test, experiment: cta }', '      - { id: all, serve: bold }'),
});
const KILLED = snapshot({
  version: 3,
  ruleset: (text) => fixed(text, 'v3').replace('cta:\n    type: string', 'cta:\n    type: string\n    enabled: false'),
});
const CONTEXT = { visitorId: 'v4', country: 'DE' };
const other = { plain: 'bold', bold: 'plain' };

let move;
test.beforeEach((t) => {
  move = clock();
  storage();
  t.mock.method(console, 'warn', () => {});
});

/** A server of rules that may be changed, which knows tags. */
async function rules(t, bytes = FIRST) {
  const it = { bytes, status: 200, asked: 0, unchanged: 0, tag: (bytes) => `"${bytes.length}-${bytes.at(-1)}-${bytes.at(-2)}"` };
  const url = await server(t, (_body, request) => {
    it.asked++;
    const etag = it.tag(it.bytes);
    if (request.headers['if-none-match'] === etag) {
      it.unchanged++;
      return [304, '', { etag }];
    }
    return [it.status, it.bytes, { etag }];
  });
  it.url = `${url}/s.waft`;
  return it;
}

async function open(t, it, updates, more) {
  const page = await createClient({ snapshot: it.url, trust: TRUST, context: CONTEXT, updates, ...more });
  t.after(() => page.close());
  const changes = [];
  page.on('configurationChanged', (change) => changes.push(change));
  const errors = [];
  page.on('error', ({ code, httpStatus }) => errors.push([code, httpStatus]));
  return { page, changes, errors };
}

test('poll: newer rules are adopted, and what is unchanged is not sent again', async (t) => {
  const it = await rules(t);
  const { page, changes, errors } = await open(t, it, poll({ every: 1_000 }));
  await until(() => it.unchanged > 0);
  assert.deepEqual([page.snapshot.version, changes], [1, []]);
  it.bytes = SECOND;
  await until(() => changes.length);
  assert.deepEqual([page.getStringValue('fixed', ''), changes, errors], ['v2', [{ version: 2, flagsChanged: ['fixed'] }], []]);
  it.status = 503;
  it.bytes = FIRST;
  await until(() => errors.length);
  assert.deepEqual([errors[0], page.snapshot.version], [['UNREACHABLE', 503], 2]);
  page.close();
  const { asked } = it;
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  assert.equal(it.asked, asked);
});

for (const [name, killed] of [
  ['its flag is disabled', KILLED],
  ['its experiment is stopped', STOPPED],
]) {
  test(`poll: a variant that was exposed stays, until ${name}`, async (t) => {
    const it = await rules(t);
    const { page, changes } = await open(t, it, poll({ every: 1_000 }));
    const { variant } = page.getStringDetails('cta', '');
    it.bytes = TURNED;
    await until(() => changes.length);
    assert.deepEqual([page.getStringDetails('cta', '').variant, page.getStringValue('fixed', '')], [variant, 'v2']);
    assert.deepEqual(changes, [{ version: 2, flagsChanged: ['fixed'] }]);
    // Another visitor has met nothing.
    const fresh = await createClient({ snapshot: TURNED, trust: TRUST, context: CONTEXT });
    assert.equal(fresh.getStringDetails('cta', '').variant, other[variant]);
    fresh.close();
    it.bytes = killed;
    await until(() => changes.length > 1);
    const { reason, variant: now } = page.getStringDetails('cta', '');
    assert.deepEqual([now, reason], killed === KILLED ? ['plain', 'DISABLED'] : ['bold', 'TARGETING_MATCH']);
  });
}

test('poll: what is only peeked at does not stay, and another unit is decided anew', async (t) => {
  const it = await rules(t);
  const { page, changes } = await open(t, it, poll({ every: 1_000 }));
  const { variant } = page.peek('cta', undefined);
  it.bytes = TURNED;
  await until(() => changes.length);
  assert.deepEqual([changes[0].flagsChanged, page.peek('cta', undefined).variant], [['cta', 'fixed'], other[variant]]);
});

test('stream: an event with data brings newer rules, also after the connection was lost', async (t) => {
  const it = await rules(t);
  const connections = [];
  const events = await server(t, (_body, _request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
    connections.push(response);
    return [];
  });
  const { page, changes } = await open(t, it, stream({ url: events }));
  await until(() => connections.length === 1);
  const { asked } = it;
  it.bytes = SECOND;
  connections[0].write('event: comment\n\n: no data\n\n');
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(it.asked, asked);
  connections[0].write('da');
  connections[0].write('ta: 2\r\n\r\n');
  await until(() => changes.length === 1);
  assert.equal(page.getStringValue('fixed', ''), 'v2');
  it.bytes = STOPPED;
  connections[0].end();
  await until(() => changes.length === 2);
  assert.deepEqual([connections.length, page.snapshot.version], [2, 3]);
});

test('stream: what is told while rules are being asked for is asked for after them', async (t) => {
  const it = { bytes: FIRST, next: undefined };
  const url = await server(t, () => {
    const { bytes } = it;
    // What comes while this answer is on its way.
    it.bytes = it.next ?? bytes;
    return [200, bytes];
  });
  let connection;
  const events = await server(t, (_body, _request, response) => {
    connection = response.writeHead(200, { 'content-type': 'text/event-stream' });
    connection.write(': hello\n\n');
    return [];
  });
  const { page } = await open(t, { url: `${url}/s.waft` }, stream({ url: events }));
  await until(() => connection);
  [it.bytes, it.next] = [SECOND, STOPPED];
  connection.write('data: 2\n\ndata: 3\n\n');
  await until(() => page.snapshot.version === 3);
});

/** A server of events: what it tells, and how often it was asked. The first event is what there is, unless it is `silent`. */
async function telling(t, first) {
  const events = { connections: [], tell: (data) => events.connections.at(-1).write(`data: ${data}\n\n`) };
  events.url = await server(t, (_body, _request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(first ? `data: ${first()}\n\n` : ': hello\n\n');
    events.connections.push(response);
    return [];
  });
  return events;
}

test('stream: what could not be had when it was told is asked for again, without another event', async (t) => {
  const it = await rules(t);
  const events = await telling(t, () => 'now');
  const { page, errors } = await open(t, it, stream({ url: events.url }));
  await until(() => it.asked > 1);
  [it.bytes, it.status] = [SECOND, 503];
  events.tell('2');
  await until(() => errors.length);
  assert.deepEqual([errors[0], page.snapshot.version], [['UNREACHABLE', 503], 1]);
  it.status = 200;
  await until(() => page.snapshot.version === 2);
  assert.equal(events.connections.length, 1);
});

test('stream: what a cache on the way has late is asked for until it is there; what is there is asked for once', async (t) => {
  const it = await rules(t);
  const tag = () => it.tag(it.bytes);
  const events = await telling(t, tag);
  const { page } = await open(t, it, stream({ url: events.url }));
  await until(() => it.asked > 1);
  events.tell(it.tag(SECOND));
  await until(() => it.unchanged > 0);
  assert.equal(page.snapshot.version, 1);
  it.bytes = SECOND;
  await until(() => page.snapshot.version === 2);
  const { asked } = it;
  await new Promise((resolve) => setTimeout(resolve, 1_600));
  assert.equal(it.asked, asked);
});

test('stream: a cache that is behind when a page opens, or while the next release is told, is not taken for what there is', async (t) => {
  const it = await rules(t);
  // What there is already when the page connects, whose first answers are older.
  const events = await telling(t, () => it.tag(SECOND));
  const { page } = await open(t, it, stream({ url: events.url }));
  await until(() => it.asked > 1);
  assert.equal(page.snapshot.version, 1);
  it.bytes = SECOND;
  await until(() => page.snapshot.version === 2);
});

test('stream: connections that end at once come back later each time', async (t) => {
  const it = await rules(t);
  const times = [];
  const events = await server(t, (_body, _request, response) => {
    times.push(performance.now());
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
    return [];
  });
  t.mock.method(Math, 'random', () => 0);
  await open(t, it, stream({ url: events }));
  await until(() => times.length > 3);
  const pauses = times.slice(1).map((time, at) => time - times[at]);
  assert.ok(pauses[1] > 990 && pauses[2] > 1_990, String(pauses));
});

test('stream: a server that says nothing when a page connects is looked at, and a connection that is silent is made anew', async (t) => {
  const it = await rules(t);
  const events = await telling(t);
  const { setTimeout } = globalThis;
  t.mock.method(globalThis, 'setTimeout', (work, delay, ...of) => setTimeout(work, delay === 60_000 ? 1_500 : delay, ...of));
  const { page, errors } = await open(t, it, stream({ url: events.url }));
  // Between the page's own request and the connection.
  it.bytes = SECOND;
  await until(() => page.snapshot.version === 2);
  await until(() => events.connections.length === 2);
  assert.deepEqual(errors, []);
});

test('rules that are refused for now are adopted later, though they are as they were', async (t) => {
  const it = await rules(t);
  const events = await telling(t, () => 'now');
  const pages = [await open(t, it, poll({ every: 1_000 })), await open(t, it, stream({ url: events.url }))];
  const begins = NOW + 60_000;
  it.bytes = snapshot({ version: 2, notBefore: new Date(begins).toISOString(), ruleset: (text) => fixed(text, 'v2') });
  events.tell('2');
  await until(() => pages.every(({ errors }) => errors.length));
  for (const { page, errors } of pages) assert.deepEqual([page.snapshot.version, errors[0][0]], [1, 'NOT_YET_VALID']);
  move(begins);
  await until(() => pages.every(({ page }) => page.snapshot.version === 2));
});

test('stream: what is no stream is told', async (t) => {
  const it = await rules(t);
  const events = await server(t, () => [200, '<!doctype html>', { 'content-type': 'text/html' }]);
  const { errors } = await open(t, it, stream({ url: events }));
  await until(() => errors.length);
  assert.deepEqual(errors[0], ['UNREACHABLE', 200]);
});

test('pin: this page view stays as it is, the next one has the newer rules, and a kill applies at once', async (t) => {
  const it = await rules(t);
  const { page, changes } = await open(t, it, pin({ every: 1_000 }));
  const { variant, value } = page.getStringDetails('cta', '');
  assert.equal(page.getStringValue('fixed', ''), 'always');
  const kept = () => localStorage.getItem(localStorage.keys('waft:seen')[0]) ?? '';
  await until(() => kept().startsWith('1 '));
  it.bytes = TURNED;
  await until(() => kept().startsWith('2 '));
  assert.deepEqual(
    [page.getStringValue('fixed', ''), page.getStringValue('cta', ''), page.snapshot.version, changes],
    ['always', value, 1, []],
  );
  const next = await createClient({ snapshot: 'http://127.0.0.1:9/', trust: TRUST, context: CONTEXT, start: 'last-good' });
  assert.deepEqual([next.snapshot.version, next.getStringValue('fixed', '')], [2, 'v2']);
  next.close();
  it.bytes = KILLED;
  await until(() => kept().startsWith('3 '));
  await until(() => page.getStringDetails('cta', '').reason === 'DISABLED');
  const { variant: off } = page.getStringDetails('cta', '');
  assert.deepEqual([off, page.getStringValue('fixed', ''), page.snapshot.version], ['plain', 'always', 1]);
  assert.deepEqual(changes, variant === 'plain' ? [] : [{ version: 1, flagsChanged: ['cta'] }]);
});

test('pin: a stopped experiment applies at once, and rules that are refused change nothing', async (t) => {
  const it = await rules(t);
  const { page, errors } = await open(t, it, pin({ every: 1_000 }));
  page.getStringValue('cta', '');
  it.bytes = STOPPED.slice(0, -9);
  await until(() => errors.length);
  assert.equal(page.snapshot.version, 1);
  it.bytes = STOPPED;
  await until(() => page.getStringDetails('cta', '').variant === 'bold' && page.getStringDetails('cta', '').reason === 'DISABLED');
  assert.equal(page.getStringValue('fixed', ''), 'always');
});

test('time is an event under poll, and stands still under pin', async (t) => {
  const it = await rules(t);
  const day = 86_400_000;
  const begin = Date.parse('2026-01-10T00:00:00Z');
  const { setTimeout } = globalThis;
  // A timer for ten days from now rings at once, when the clock has moved.
  const far = [];
  t.mock.method(globalThis, 'setTimeout', (work, delay, ...of) => {
    if (delay < day / 2) return setTimeout(work, delay, ...of);
    const timer = { work, unref() {} };
    far.push(timer);
    return timer;
  });
  t.mock.method(globalThis, 'clearTimeout', (timer) => {
    if (far.includes(timer)) far.splice(far.indexOf(timer), 1);
    else if (timer !== undefined && !timer?.work) clearInterval(timer);
  });
  move(begin - 10 * day + 1_000);
  it.bytes = snapshot({ issued: '2025-12-01T00:00:00Z' });
  const pages = [await open(t, it, poll({ every: 60_000 })), await open(t, it, pin())];
  for (const { page } of pages) assert.equal(page.getStringDetails('cta', '').reason, 'DEFAULT');
  await new Promise((resolve) => setTimeout(resolve, 20));
  move(begin);
  for (const { work } of [...far]) work();
  await until(() => pages[0].changes.length || pages[0].page.getStringDetails('cta', '').variant === 'plain');
  const reasons = pages.map(({ page }) => page.getStringDetails('cta', '').reason);
  assert.deepEqual(reasons, ['SPLIT', 'DEFAULT']);
  const changed = pages[0].page.getStringDetails('cta', '').variant !== 'plain';
  assert.deepEqual(
    pages.map(({ changes }) => changes),
    [changed ? [{ version: 1, flagsChanged: ['cta'] }] : [], []],
  );
});

test('what cannot be followed is told, and the page decides by what it has', async (t) => {
  const it = await rules(t);
  for (const updates of [poll({ every: 5 }), poll({ every: 'soon' }), stream(), stream({ url: 7 }), pin({ every: 0 }), {}, true]) {
    const { page } = await open(t, it, updates);
    assert.deepEqual([page.status().message, page.getStringValue('fixed', '')], ['INVALID_OPTION: updates', 'always']);
  }
  const { page } = await open(t, { url: FIRST }, poll());
  assert.equal(page.status().message, 'INVALID_OPTION: updates');
});

test('a page that takes no signal of ours, as jsdom beside the AbortController of Node: rules are followed, and let go of', async (t) => {
  const it = await rules(t);
  class Strict extends EventTarget {
    hidden = false;
    listening = 0;
    addEventListener(type, work, options) {
      if (options?.signal) throw new TypeError("member 'signal' that is not of type 'AbortSignal'");
      this.listening++;
      super.addEventListener(type, work, options);
    }
    removeEventListener(...of) {
      this.listening--;
      super.removeEventListener(...of);
    }
  }
  const page = new Strict();
  Object.defineProperty(globalThis, 'document', { value: page, configurable: true });
  t.after(() => delete globalThis.document);
  const { page: client } = await open(t, it, poll({ every: 1_000 }));
  assert.deepEqual([client.status().message, page.listening], [undefined, 1]);
  client.close();
  assert.equal(page.listening, 0);
});

/** Tabs of one origin, with locks as browsers have them. */
function tabsOf(t, policy) {
  const put = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  const queue = [];
  const { navigator } = globalThis;
  const request = (_name, { signal }, work) =>
    new Promise((resolve, reject) => {
      const entry = { work, resolve };
      signal?.addEventListener('abort', () => {
        const at = queue.indexOf(entry);
        if (at <= 0) return;
        queue.splice(at, 1);
        reject(new DOMException('aborted', 'AbortError'));
      });
      queue.push(entry);
      if (queue.length === 1) void run();
    });
  const run = async () => {
    await queue[0].work({});
    queue.shift().resolve();
    if (queue.length) void run();
  };
  put('navigator', { locks: { request: (name, ...of) => (name.startsWith('waft:updates') ? request(name, ...of) : of.at(-1)({})) } });
  const documents = [];
  t.after(() => {
    put('navigator', navigator);
    delete globalThis.document;
  });
  return {
    queue,
    tab: (it) => {
      put('document', Object.assign(new EventTarget(), { hidden: false }));
      documents.push(globalThis.document);
      return open(t, it, policy());
    },
    hide(index, hidden) {
      documents[index].hidden = hidden;
      documents[index].dispatchEvent(new Event('visibilitychange'));
    },
  };
}

test('one visible tab looks for all, and the next one when it is hidden', async (t) => {
  const it = await rules(t);
  const { queue, tab, hide } = tabsOf(t, () => poll({ every: 1_000 }));
  const tabs = [await tab(it), await tab(it)];
  assert.equal(queue.length, 2);
  it.bytes = SECOND;
  const { asked } = it;
  await until(() => tabs.every(({ changes }) => changes.length));
  assert.equal(it.asked, asked + 1);
  assert.deepEqual(
    tabs.map(({ page }) => page.getStringValue('fixed', '')),
    ['v2', 'v2'],
  );
  hide(0, true);
  await until(() => queue.length === 1);
  it.bytes = STOPPED;
  await until(() => tabs[1].changes.length > 1);
  assert.equal(tabs[0].changes.length, 1);
  // Shown again, it has what the other kept.
  await until(() => (localStorage.getItem(localStorage.keys('waft:good')[0]) ?? '').startsWith(tabs[1].page.snapshot.digest));
  hide(0, false);
  await until(() => tabs[0].changes.length > 1);
  assert.equal(tabs[0].page.snapshot.version, 3);
});

test('a tab that is shown, or is the next to look for all, looks at once: what others kept or were told may be lost', async (t) => {
  const it = await rules(t);
  const { queue, tab, hide } = tabsOf(t, () => poll({ every: 60_000 }));
  const tabs = [await tab(it), await tab(it), await tab(it)];
  // What the client has loaded is old by then.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  // The first goes without a word, and the second looks; a third one is shown again, where nothing can be kept.
  localStorage.refuse = true;
  hide(2, true);
  it.bytes = SECOND;
  hide(0, true);
  await until(() => tabs[1].page.snapshot.version === 2);
  assert.equal(queue.length, 1);
  assert.deepEqual([tabs[0].page.snapshot.version, tabs[2].page.snapshot.version], [1, 1]);
  hide(2, false);
  await until(() => tabs[2].page.snapshot.version === 2);
});
