// What a page keeps of a head holds at its next start, whatever the clock says by then and however full the storage is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { head } from '../dist/head.js';
import { clock, settled, snapshot, storage, until } from './fixture.mjs';
import { dated, KILLER, open, Publisher, REFRESHER, site, trusting } from './heads.mjs';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Heads are of this moment; a page's clock is right two hours later. */
const BEGIN = Math.floor(Date.now() / 1_000) * 1_000;
const RIGHT = BEGIN + 2 * HOUR;
const at = (moment) => new Date(moment).toISOString();
const FIRST = snapshot({ issued: at(BEGIN - DAY), expires: '2040-01-01T00:00Z' });
/** With `kill` alone no pointer is asked for. */
const KILL = trusting(['kill']);
const KILLS = new Publisher(KILL);
const LISTS = [KILLS.kill('cta'), KILLS.unkill('cta')];

let move;
test.beforeEach((t) => {
  move = clock(RIGHT);
  storage();
  t.mock.method(console, 'warn', () => {});
});

/** A page's flag, as it tells it. */
function told(page, key) {
  const { variant, reason, flagMetadata } = page.peek(key);
  return [variant, reason, flagMetadata.killed];
}

/** After a clock was set back, or ahead: by two days, and by two years. */
const OTHERS = [RIGHT - 2 * DAY, RIGHT + 2 * DAY, RIGHT - 730 * DAY, RIGHT + 730 * DAY];

test('a list that was adopted holds whatever the clock says later, also one with a date before which nobody may adopt it', async (t) => {
  const list = dated(LISTS[0], RIGHT - HOUR, KILLER);
  for (const now of OTHERS) {
    storage();
    move(RIGHT - 2 * HOUR);
    const it = await site(t, { '/s.waft': FIRST, '/head.waft': list });
    const early = await open(t, it, { trust: KILL });
    assert.deepEqual([told(early, 'cta')[2], early.status().code], [undefined, 'NOT_YET_VALID']);
    early.close();
    move(RIGHT);
    const first = await open(t, it, { trust: KILL });
    assert.deepEqual([told(first, 'cta'), first.status().code], [['plain', 'DISABLED', true], undefined]);
    first.close();
    await settled();
    move(now);
    // With the same list, without one, and twice: what a page view verified is written anew.
    for (const bytes of [list, 'cut', undefined, 'cut']) {
      it.files['/head.waft'] = bytes;
      const later = await open(t, it, { trust: KILL });
      assert.deepEqual(told(later, 'cta'), ['plain', 'DISABLED', true], `${at(now)} ${bytes}`);
      later.close();
      await settled();
    }
    const inlined = await open(t, it, { trust: KILL, snapshot: FIRST, head: head({ url: it.url('/head.waft') }) });
    assert.deepEqual(told(inlined, 'cta'), ['plain', 'DISABLED', true], at(now));
    inlined.close();
    // The next list ends it, on that clock, too.
    it.files['/head.waft'] = LISTS[1];
    if (now < RIGHT + 400 * DAY) assert.equal(told(await open(t, it, { trust: KILL }), 'cta')[2], undefined);
  }
});

test('a pointer that was adopted vouches whatever its date before which nobody may adopt it, and for maxStale after its end', async (t) => {
  const publisher = new Publisher();
  const list = publisher.kill('theme');
  const pointer = publisher.refresh(FIRST).subarray(list.length);
  const bytes = new Uint8Array([...dated(list, RIGHT - HOUR, KILLER), ...dated(pointer, RIGHT - HOUR, REFRESHER)]);
  // It ends 22 hours after `RIGHT`.
  for (const [now, expected] of [
    [RIGHT - 2 * DAY, 'STATIC'],
    [RIGHT - 730 * DAY, 'STATIC'],
    [RIGHT + 7 * DAY, 'STALE'],
    [RIGHT + 8 * DAY, 'ERROR'],
  ]) {
    storage();
    move(RIGHT);
    const it = await site(t, { '/s.waft': FIRST, '/head.waft': bytes });
    const first = await open(t, it);
    assert.deepEqual([first.peek('fixed').reason, told(first, 'theme')[2]], ['STATIC', true]);
    await until(() => localStorage.keys('waft:good').length);
    first.close();
    await settled();
    move(now);
    it.files = { '/s.waft': 'cut', '/head.waft': 'cut' };
    const later = await open(t, it);
    assert.equal(later.peek('fixed').reason, expected, at(now));
    if (expected !== 'ERROR') assert.equal(told(later, 'theme')[2], true, at(now));
    later.close();
  }
});

test('a server that fails has not said that there is no head', async (t) => {
  const it = await site(t, { '/s.waft': FIRST, '/head.waft': 503 });
  const page = await open(t, it, { trust: KILL });
  const { code, httpStatus } = page.status();
  assert.deepEqual([code, httpStatus], ['UNREACHABLE', 503]);
  const fresh = await open(t, it);
  assert.deepEqual([fresh.status().code, fresh.peek('fixed').reason], ['UNREACHABLE', 'ERROR']);
});

test('a kill is kept where the storage is full: what is worth less makes room', async (t) => {
  const it = await site(t, { '/s.waft': FIRST });
  const first = await open(t, it, { trust: KILL });
  await until(() => localStorage.keys('waft:good').length);
  first.close();
  await settled();
  const { localStorage: full } = globalThis;
  const size = (without) => full.keys('').reduce((sum, key) => sum + (key === without ? 0 : key.length + full.getItem(key).length), 0);
  const quota = size() + 100;
  const set = full.setItem.bind(full);
  full.setItem = (key, value) => {
    if (size(key) + key.length + value.length > quota) throw new DOMException('full', 'QuotaExceededError');
    set(key, value);
  };
  it.files['/head.waft'] = LISTS[0];
  (await open(t, it, { trust: KILL })).close();
  await settled();
  it.files['/head.waft'] = 'cut';
  assert.equal(told(await open(t, it, { trust: KILL }), 'cta')[2], true);
});
