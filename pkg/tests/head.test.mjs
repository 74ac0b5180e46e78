// The head in pages: kills, and the table of docs/snapshot-format.md, section 14, over real HTTP, signed by the real program.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { head } from '../dist/head.js';
import { createClientSync } from '../dist/index.js';
import { preview } from '../dist/preview.js';
import { pin, poll, stream } from '../dist/updates.js';
import { clock, PREVIEW_TRUST, server, settled, snapshot, storage, token, until } from './fixture.mjs';
import { CONTEXT, open, Publisher, site, trusting } from './heads.mjs';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Heads are of this moment; a page's clock is right two hours later. */
const BEGIN = Math.floor(Date.now() / 1_000) * 1_000;
const RIGHT = BEGIN + 2 * HOUR;
const at = (moment) => new Date(moment).toISOString();
/** Made a day before heads, and for long. */
const made = (more) => snapshot({ issued: at(BEGIN - DAY), expires: '2040-01-01T00:00Z', ...more });
const FIRST = made();
const SECOND = made({ version: 2, ruleset: (text) => text.replace('"always"', '"v2"') });
const TRUST = trusting(['freshness', 'kill']);

let move;
test.beforeEach((t) => {
  move = clock(RIGHT);
  storage();
  t.mock.method(console, 'warn', () => {});
});

const heads = (() => {
  const all = new Publisher();
  all.kill('theme');
  const short = all.refresh(FIRST, BEGIN + HOUR);
  const fresh = all.refresh(FIRST);
  const other = new Publisher();
  other.kill('theme');
  const list = other.kill('cta');
  const whole = other.refresh(FIRST);
  return { short, fresh, incomplete: whole.subarray(list.length), large: new Uint8Array([...fresh, ...new Uint8Array(16_384)]) };
})();

const SERVED = {
  fresh: heads.fresh,
  expired: heads.short,
  absent: undefined,
  blocked: 'cut',
  incomplete: heads.incomplete,
  'too large': heads.large,
};
const CLOCKS = [RIGHT, RIGHT + 2 * DAY, RIGHT - 2 * DAY, RIGHT + 730 * DAY, RIGHT - 730 * DAY];

/** What a page makes of it, in the order of the clocks: crates/compile/tests/head has the same of the native core. */
const EXPECTED = JSON.parse(readFileSync(new URL('../../tests/vectors/standings.json', import.meta.url))).heads;

async function outcome(t, served, from, now) {
  storage();
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': heads.short });
  if (from === 'kept' || from === 'offline') {
    const isKept = from === 'kept';
    move(isKept ? BEGIN + HOUR / 2 : RIGHT);
    if (!isKept) it.files['/head.waft'] = SERVED[served];
    const earlier = await open(t, it);
    if (isKept || earlier.snapshot) await until(() => localStorage.keys('waft:good').length);
    earlier.close();
    await settled();
  }
  move(now);
  it.files = from === 'offline' ? { '/s.waft': 'cut', '/head.waft': 'cut' } : { '/s.waft': FIRST, '/head.waft': SERVED[served] };
  it.asked = [];
  const inlined = from === 'inlined' && { snapshot: FIRST, head: head({ url: it.url('/head.waft') }) };
  const page = await open(t, it, inlined || {});
  await until(() => it.asked.includes('/head.waft'));
  if (inlined) {
    const isTaken = () => page.status().code || page.peek('fixed').reason !== 'STALE';
    await until(isTaken);
  }
  const { code } = page.status();
  const { reason } = page.peek('fixed');
  page.close();
  return `${reason === 'ERROR' ? 'defaults' : reason === 'STALE' ? 'stale' : 'fresh'} ${code ?? ''}`.trim();
}

for (const [served, rows] of Object.entries(EXPECTED)) {
  for (const [from, expected] of Object.entries(rows)) {
    test(`a head that is ${served}, for a page that is ${from}, by each clock`, async (t) => {
      const found = [];
      for (const now of CLOCKS) found.push(await outcome(t, served, from, now));
      assert.deepEqual(found, expected);
    });
  }
}

/** A page's flag, as it tells it. */
function told(page, key) {
  const { variant, reason, flagMetadata } = page.peek(key);
  return [variant, reason, flagMetadata.killed];
}

/** With `kill` alone no pointer is asked for: what follows is about lists. */
const KILL = trusting(['kill', 'root']);
const KILLS = new Publisher(KILL);
const LISTS = [KILLS.kill('cta', 'no-such-flag'), KILLS.kill('early'), KILLS.unkill('cta', 'early'), KILLS.kill('fixed', 'disabled')];
const DRAWN = 'SPLIT';

test('a kill: in front of an experiment, without exposure, kept for the next page view, and ended by a higher list alone', async (t) => {
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': LISTS[0] });
  const exposures = recorder({ endpoint: it.url('/v1/logs') });
  const page = await open(t, it, { trust: KILL, exposures });
  const made = [];
  page.on('exposure', ({ flagKey }) => made.push(flagKey));
  assert.equal(page.getStringValue('cta', ''), 'Buy');
  assert.deepEqual(told(page, 'cta'), ['plain', 'DISABLED', true]);
  assert.deepEqual(told(page, 'no-such-flag'), [undefined, 'ERROR', undefined]);
  assert.equal(page.status().code, undefined);
  await page.flush();
  assert.deepEqual(made, []);
  page.close();
  // Taken out of the head, unreachable, replaced by an older one, damaged: the list that was seen holds. Its own end ends nothing.
  move(RIGHT + 500 * DAY);
  for (const [bytes, code] of [
    [undefined],
    ['cut', 'UNREACHABLE'],
    [new Uint8Array(), undefined],
    [LISTS[0].map((byte, at) => byte ^ (at === 200)), true],
  ]) {
    it.files['/head.waft'] = bytes;
    const later = await open(t, it, { trust: KILL });
    assert.deepEqual(told(later, 'cta'), ['plain', 'DISABLED', true]);
    if (code) assert.ok(code === true ? later.status().code : later.status().code === code, later.status().code);
    later.close();
  }
  move(RIGHT);
  it.files['/head.waft'] = LISTS[1];
  const third = await open(t, it, { trust: KILL });
  assert.deepEqual([told(third, 'cta')[2], told(third, 'early')], [true, ['off', 'DISABLED', true]]);
  third.close();
  it.files['/head.waft'] = LISTS[0];
  const rolled = await open(t, it, { trust: KILL });
  assert.deepEqual([rolled.status().code, told(rolled, 'early')[2]], ['ROLLED_BACK', true]);
  rolled.close();
  it.files['/head.waft'] = LISTS[2];
  assert.deepEqual(told(await open(t, it, { trust: KILL }), 'cta'), [told(await open(t, it, { trust: KILL }), 'cta')[0], DRAWN, undefined]);
});

test('a key that is revoked takes its list with it', async (t) => {
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': LISTS[0] });
  (await open(t, it, { trust: KILL })).close();
  const other = trusting(['kill'], { ...KILL, require: KILL.require.filter(({ role }) => role !== 'kill') });
  const revoked = {
    ...other,
    require: other.require
      .map((one) => (one.role === 'kill' ? { ...one, keys: other.require.find(({ role }) => role === 'root').keys } : one))
      .filter(({ role }) => role !== 'root'),
  };
  const page = await open(t, it, { trust: revoked });
  assert.deepEqual([told(page, 'cta')[2], page.status().code], [undefined, 'UNKNOWN_KEY']);
});

test('a flag that the snapshot itself disables is not killed', async (t) => {
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': LISTS[3] });
  const page = await open(t, it, { trust: KILL });
  assert.deepEqual(
    [told(page, 'disabled'), told(page, 'fixed')],
    [
      ['low', 'DISABLED', undefined],
      ['only', 'DISABLED', true],
    ],
  );
});

test('a preview token shows no flag that is killed', async (t) => {
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': LISTS[0] });
  const trust = trusting(['kill'], PREVIEW_TRUST);
  const shown = token(FIRST, { cta: 'bold', early: 'on' }, { expires: at(RIGHT + DAY), now: BEGIN });
  const page = await open(t, it, { trust, preview: preview(shown) });
  assert.deepEqual(
    [told(page, 'cta'), told(page, 'early')],
    [
      ['plain', 'DISABLED', true],
      ['on', 'STATIC', undefined],
    ],
  );
});

test('the head is asked for with the snapshot, and only where the trust names its roles', async (t) => {
  const it = await site(t, { '/s.waft': FIRST });
  const page = await open(t, it, { trust: trusting(['root']) });
  assert.deepEqual([it.asked, page.status().code, page.peek('fixed').reason], [['/s.waft'], undefined, 'STATIC']);
  it.asked = [];
  await open(t, it, { trust: KILL });
  assert.deepEqual(it.asked.toSorted(), ['/head.waft', '/s.waft']);
  it.asked = [];
  await open(t, it, { trust: KILL, head: undefined });
  assert.deepEqual(it.asked, ['/s.waft']);
});

test('current.waft: the head in front of the snapshot', async (t) => {
  const it = await site(t, { '/current.waft': Buffer.concat([heads.fresh, FIRST]) });
  const page = await open(t, it, { snapshot: it.url('/current.waft'), head: head({ url: false }) });
  assert.deepEqual(
    [page.status().code, it.asked, told(page, 'theme'), page.peek('fixed').reason],
    [undefined, ['/current.waft'], ['plain', 'DISABLED', true], 'STATIC'],
  );
  assert.equal(page.snapshot.version, 1);
  it.files['/current.waft'] = Buffer.concat([heads.short, FIRST]);
  page.close();
  await settled();
  storage();
  const other = await open(t, it, { snapshot: it.url('/current.waft'), head: head({ url: false }) });
  assert.deepEqual([other.status().code, other.peek('fixed').reason], ['EXPIRED', 'ERROR']);
});

test('an older snapshot than the pointer names is refused, a newer one is not', async (t) => {
  const publisher = new Publisher();
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': publisher.refresh(SECOND) });
  const page = await open(t, it);
  assert.deepEqual([page.status().code, page.snapshot], ['ROLLED_BACK', undefined]);
  const third = await site(t, { '/s.waft': SECOND, '/head.waft': new Publisher().refresh(FIRST) });
  storage();
  assert.equal((await open(t, third)).snapshot.version, 2);
});

test('bytes decide before the head comes, by createClientSync, too; what was kept of heads holds at once', async (t) => {
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': heads.fresh });
  const options = { snapshot: FIRST, trust: TRUST, context: CONTEXT, head: head({ url: it.url('/head.waft') }) };
  const page = createClientSync(options);
  t.after(() => page.close());
  assert.deepEqual([page.peek('fixed').value, page.peek('fixed').reason], ['always', 'STALE']);
  await until(() => page.peek('fixed').reason === 'STATIC');
  assert.deepEqual(told(page, 'theme'), ['plain', 'DISABLED', true]);
  const next = createClientSync(options);
  t.after(() => next.close());
  assert.deepEqual([next.peek('fixed').reason, told(next, 'theme')[2]], ['STATIC', true]);
});

test('neither bytes nor kept rules wait until something is asked for', async (t) => {
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': heads.fresh });
  const bytes = await open(t, it, { snapshot: FIRST, head: head({ url: it.url('/head.waft') }) });
  assert.deepEqual([bytes.peek('fixed').value, it.asked], ['always', []]);
  await until(() => bytes.peek('fixed').reason === 'STATIC' && localStorage.keys('waft:good').length);
  assert.deepEqual(it.asked, ['/head.waft']);
  it.asked = [];
  // What was kept of the head holds, too.
  const kept = await open(t, it, { start: 'last-good' });
  assert.deepEqual([kept.peek('fixed').reason, told(kept, 'theme')[2], it.asked], ['STATIC', true, []]);
  await until(() => it.asked.length === 2);
  assert.deepEqual(it.asked.toSorted(), ['/head.waft', '/s.waft']);
  it.files['/s.waft'] = SECOND;
  const next = await open(t, it, { start: 'last-good' });
  await until(() => next.snapshot.version === 2);
  // Nothing is asked for by a page that is closed first.
  await until(() => it.asked.length === 4);
  const closed = await open(t, it, { start: 'last-good' });
  closed.close();
  (await open(t, it, { snapshot: FIRST, head: head({ url: it.url('/head.waft') }) })).close();
  await settled();
  assert.equal(it.asked.length, 4);
});

test('an open page is stale when its pointer ends, and has defaults when maxStale has passed', async (t) => {
  const trust = { ...TRUST, maxStale: 1 };
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': heads.fresh });
  const ends = BEGIN + 24 * HOUR;
  move(ends - 300);
  const page = await open(t, it, { trust });
  const seen = [];
  page.on('stale', ({ version }) => seen.push(['stale', version]));
  page.on('error', ({ code }) => seen.push(code));
  page.on('configurationChanged', ({ flagsChanged }) => seen.push(flagsChanged.includes('fixed')));
  const since = performance.now();
  const tick = setInterval(() => move(ends - 300 + performance.now() - since), 5);
  t.after(() => clearInterval(tick));
  assert.equal(page.peek('fixed').reason, 'STATIC');
  await until(() => seen.length);
  assert.equal(page.peek('fixed').reason, 'STALE');
  await until(() => page.status().code === 'EXPIRED' && seen.length > 2);
  assert.deepEqual([page.getStringValue('fixed', 'mine'), seen.flat().sort()], ['mine', ['EXPIRED', 'stale', 1, true].sort()]);
});

test('by a maxStale that is no number, rules decide until their pointer ends', async (t) => {
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': heads.fresh });
  const ends = BEGIN + 24 * HOUR;
  move(ends - 300);
  const page = await open(t, it, { trust: { ...TRUST, maxStale: '7d' } });
  assert.equal(page.peek('fixed').reason, 'STATIC');
  const since = performance.now();
  const tick = setInterval(() => move(ends - 300 + performance.now() - since), 5);
  t.after(() => clearInterval(tick));
  await until(() => page.status().code === 'EXPIRED');
  assert.equal(page.getStringValue('fixed', 'mine'), 'mine');
});

test('poll: the head is asked for, and the rules only if its pointer names others', async (t) => {
  const publisher = new Publisher();
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': publisher.refresh(FIRST) });
  const page = await open(t, it, { updates: poll({ every: 1_000 }) });
  const changes = [];
  page.on('configurationChanged', (change) => changes.push(change));
  it.asked = [];
  assert.equal(told(page, 'cta')[1], DRAWN);
  await until(() => it.asked.length >= 2);
  publisher.kill('cta', 'fixed');
  it.files['/head.waft'] = publisher.refresh(FIRST);
  await until(() => told(page, 'cta')[2]);
  assert.ok(!it.asked.includes('/s.waft'));
  it.files['/s.waft'] = SECOND;
  it.files['/head.waft'] = publisher.refresh(SECOND);
  await until(() => page.snapshot.version === 2);
  assert.deepEqual([page.status().code, told(page, 'cta')[2], told(page, 'fixed')[2]], [undefined, true, true]);
});

test('stream: a kill is there as soon as the server tells, over a variant that was exposed', async (t) => {
  const publisher = new Publisher();
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': publisher.refresh(FIRST), '/events': 'events' });
  const exposures = recorder({ endpoint: it.url('/v1/logs') });
  const page = await open(t, it, { updates: stream({ url: it.url('/events') }), exposures, context: { visitorId: 'v1' } });
  const changes = [];
  page.on('configurationChanged', ({ flagsChanged }) => changes.push(...flagsChanged));
  const { variant, reason } = page.getStringDetails('cta', '');
  assert.equal(reason, DRAWN);
  await until(() => it.events);
  publisher.kill('cta');
  it.files['/head.waft'] = publisher.refresh(FIRST);
  it.events.write('data: x\n\n');
  await until(() => told(page, 'cta')[2]);
  assert.deepEqual([told(page, 'cta'), changes], [['plain', 'DISABLED', true], variant === 'plain' ? [] : ['cta']]);
});

test('stream: rules that are behind their head are asked for until they are there, without another event', async (t) => {
  const publisher = new Publisher();
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': publisher.refresh(FIRST), '/events': 'events' });
  const page = await open(t, it, { updates: stream({ url: it.url('/events') }) });
  await until(() => it.events);
  it.asked = [];
  it.files['/head.waft'] = publisher.refresh(SECOND);
  it.events.write('data: x\n\n');
  await until(() => it.asked.includes('/s.waft'));
  it.files['/s.waft'] = SECOND;
  await until(() => page.snapshot.version === 2);
});

test('stream: rules that stay behind their head are asked for until they are there, however long that takes', async (t) => {
  const { setTimeout } = globalThis;
  // The pauses between two looks are short; deadlines, and what a connection may be silent, are as they are.
  const isPause = (delay) => delay % 500 === 0 && ![10_000, 60_000].includes(delay);
  t.mock.method(globalThis, 'setTimeout', (work, delay, ...of) => setTimeout(work, isPause(delay) ? delay / 500 : delay, ...of));
  t.mock.method(Math, 'random', () => 0);
  const publisher = new Publisher();
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': publisher.refresh(FIRST), '/events': 'events' });
  const page = await open(t, it, { updates: stream({ url: it.url('/events') }) });
  await until(() => it.events);
  it.files['/head.waft'] = publisher.refresh(SECOND);
  it.asked = [];
  it.events.write('data: x\n\n');
  await until(() => it.asked.filter((path) => path === '/s.waft').length > 10);
  it.files['/s.waft'] = SECOND;
  await until(() => page.snapshot.version === 2);
});

test('stream: where two files are told together, one that is new does not stand for both', async (t) => {
  const publisher = new Publisher(trusting(['kill']));
  const tags = { '/s.waft': '"s1"', '/head.waft': '"h1"' };
  const files = { '/s.waft': FIRST, '/head.waft': publisher.kill('theme') };
  let events;
  const unchanged = [];
  const url = await server(t, (_body, request, response) => {
    const { url } = request;
    const etag = tags[url];
    if (!etag) {
      events = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: "s1", "h1"\n\n');
      return [];
    }
    if (request.headers['if-none-match'] !== etag) return [200, files[url], { etag }];
    unchanged.push(url);
    return [304, '', { etag }];
  });
  const it = { url: (path) => `${url}${path}` };
  const page = await open(t, it, { trust: trusting(['kill']), updates: stream({ url: it.url('/events') }) });
  await until(() => events);
  events.write('data: "s1", "h1"\n\n');
  await until(() => unchanged.includes('/s.waft') && unchanged.includes('/head.waft'));
  // A cache has the new head, and the old rules.
  [files['/head.waft'], tags['/head.waft']] = [publisher.kill('cta'), '"h2"'];
  unchanged.length = 0;
  events.write('data: "s2", "h2"\n\n');
  await until(() => unchanged.includes('/s.waft'));
  assert.deepEqual([page.peek('cta').reason, page.snapshot.version], ['DISABLED', 1]);
  [files['/s.waft'], tags['/s.waft']] = [SECOND, '"s2"'];
  await until(() => page.snapshot.version === 2);
});

test('poll: a head that cannot be read holds no rules back where none has to vouch for them', async (t) => {
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': 'no head' });
  const page = await open(t, it, { trust: trusting(['kill']), updates: poll({ every: 1_000 }) });
  assert.deepEqual([page.snapshot.version, page.status().code], [1, 'MALFORMED']);
  it.files['/s.waft'] = SECOND;
  await until(() => page.snapshot.version === 2);
});

test('pin: a kill applies at once, newer rules with the next page view', async (t) => {
  const publisher = new Publisher();
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': publisher.refresh(FIRST) });
  const page = await open(t, it, { updates: pin({ every: 1_000 }) });
  publisher.kill('cta');
  it.files['/s.waft'] = SECOND;
  it.files['/head.waft'] = publisher.refresh(SECOND);
  await until(() => told(page, 'cta')[2]);
  await until(() => localStorage.getItem(localStorage.keys('waft:seen')[0]).startsWith('2 '));
  assert.deepEqual([page.snapshot.version, page.peek('fixed').value], [1, 'always']);
  page.close();
  await settled();
  it.files = {};
  const next = await open(t, it, { start: 'last-good' });
  assert.deepEqual([next.snapshot.version, next.peek('fixed').reason, told(next, 'cta')[2]], [2, 'STATIC', true]);
});
