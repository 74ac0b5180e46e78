// The queue's state machine against a model of the world: storage, pages that die, and a collector that fails in every way.
//
// `WAFT_SCHEDULES` says how many random schedules are played (1,000,000 by `make faults`), `WAFT_SEED` which one alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backlog } from '../build/exposures/backlog.js';
import { Random } from './world.mjs';

const SCHEDULES = Number(process.env.WAFT_SCHEDULES ?? 3_000);
/** The most records that the caller lets wait. */
const MOST = 1_000;
/** The collector refuses every record whose number is a multiple of it. */
const POISON = 23;

/** A record's JSON is its number here, and is as long as this says when it is sent. */
const TEXTS = Array.from({ length: 90 }, (_, more) => 'x'.repeat(1_000 + 10 * more));
const SHORT = 'x'.repeat(90);
const answer = (status, more) => ({ status, readable: true, rejected: 0, wait: 0, ...more });
const YES = answer(200);
const LOST = answer(0, { readable: false });

const waiting = ({ backlog }) => backlog.records.length;
const idsOf = ({ records }) => records.map(({ text }) => text);
const take = (page, ids, key, now) => {
  if (ids.length > MOST - waiting(page)) return false;
  page.backlog.take(ids, key, now);
  return true;
};
const newPage = () => ({ backlog: new Backlog(), flights: [] });

/** Everything outside of pages. */
class World {
  now = 1_000_000;
  storage = new Map();
  keys = 0;
  made = 0;
  /** What the collector has stored. */
  rows = new Set();
  /** What the collector will never take, and said so. */
  refused = new Set();
  /** What never came into a queue. */
  turnedAway = new Set();
  /** What only a page held that is gone: its storage was full. */
  unstored = new Set();
  /** What was given up for want of room. */
  givenUp = new Set();
  /** What pages that are gone counted. */
  counted = { sent: 0, overflow: 0, refused: 0, rejected: 0 };
  page = newPage();

  constructor(random) {
    this.random = random;
    // Most schedules have short records, as they are played in a third of the time.
    this.isShort = !!random.below(4);
  }

  encode = (id) => (this.isShort ? SHORT : TEXTS[id % 90]);

  record(count, isFull) {
    const ids = Array.from({ length: count }, () => ++this.made);
    const key = `k${++this.keys}`;
    if (!take(this.page, ids, key, this.now)) for (const id of ids) this.turnedAway.add(id);
    else if (isFull) for (const id of ids) this.unstored.add(id);
    else this.storage.set(key, ids);
  }

  send(leaving) {
    const { backlog, flights } = this.page;
    const before = waiting(this.page);
    const batch = backlog.begin(this.now, leaving, this.encode);
    assert.equal(waiting(this.page), before);
    if (!batch) return false;
    const ids = idsOf(batch);
    assert.ok(ids.length > 0 && ids.length <= 50);
    assert.ok(ids.every((id, at) => batch.texts[at] === this.encode(id)));
    const flying = flights.flatMap(idsOf);
    assert.ok(!ids.some((id) => flying.includes(id)), 'a record is in one request');
    flights.push(batch);
    assert.ok(flights.length <= (leaving ? 9 : 1));
    const bytes = [...flying, ...ids].reduce((sum, id) => sum + this.encode(id).length, 0);
    assert.ok(bytes <= 60_000 || flights.length === 1);
    return true;
  }

  /** The collector's part of a request: what it stores, and what it answers. `kind` says how it fails. */
  collect(ids, kind) {
    const { random } = this;
    const store = (ids) => ids.forEach((id) => this.rows.add(id));
    const poisoned = ids.filter((id) => id % POISON === 0);
    const refuse = () => poisoned.forEach((id) => this.refused.add(id));
    switch (kind) {
      // Stored, but the answer is lost: cut, too late, or the line is down.
      case 0:
        store(ids);
        return LOST;
      case 1:
        return LOST;
      case 2:
        return answer(random.one([500, 503, 429]), { wait: random.below(20_000) });
      case 3:
        return answer(random.one([401, 403, 404, 302]));
      // A page in HTML.
      case 4:
        return answer(200, { readable: false });
    }
    if (kind === 5 && ids.length > 1 + random.below(20)) return answer(413);
    if (!poisoned.length) {
      store(ids);
      return YES;
    }
    if (random.chance(0.5)) {
      // Some refuse the whole request, until the one that they mean is alone.
      if (ids.length > 1) return answer(413);
      refuse();
      return answer(random.one([400, 413, 422]));
    }
    store(ids.filter((id) => id % POISON));
    refuse();
    return answer(200, { rejected: poisoned.length });
  }

  answer(at, kind) {
    const { backlog, flights } = this.page;
    const [batch] = flights.splice(at, 1);
    const ids = idsOf(batch);
    const outcome = this.collect(ids, kind);
    const before = waiting(this.page);
    const keys = [...backlog.settle(batch, outcome, this.now, this.random.unit())];
    const gone = before - waiting(this.page);
    const left = new Set(backlog.records.map(({ text }) => text));
    if (gone) {
      assert.equal(gone, ids.length);
      for (const id of ids) assert.ok(!left.has(id) && (this.rows.has(id) || this.refused.has(id)), `${id} is forgotten and nowhere`);
    } else {
      assert.deepEqual(keys, []);
      for (const id of ids) assert.ok(left.has(id), `${id} waits no more`);
    }
    assert.equal(
      gone > 0,
      [400, 422].includes(outcome.status) || (outcome.status === 200 && outcome.readable) || (outcome.status === 413 && ids.length === 1),
    );
    for (const key of keys) {
      for (const id of this.storage.get(key) ?? []) assert.ok(this.rows.has(id) || this.refused.has(id), `${id} is removed and nowhere`);
      this.storage.delete(key);
    }
  }

  /** The room of the oldest group is needed for something else. */
  giveUp() {
    const { backlog, flights } = this.page;
    const [key] = backlog.keys;
    if (!key) return;
    const ids = backlog.records.filter((record) => record.key === key).map(({ text }) => text);
    const isFlying = flights.some((batch) => batch.records.some((record) => record.key === key));
    backlog.drop(key);
    assert.equal(backlog.keys.has(key), isFlying);
    if (isFlying) return;
    for (const id of ids) this.givenUp.add(id);
    this.storage.delete(key);
  }

  /** The page is gone. What it had in flight may still arrive; what it had stored is taken over by the next. */
  replace() {
    for (const batch of this.page.flights) if (this.random.chance(0.5)) this.collect(idsOf(batch), 9);
    for (const name of Object.keys(this.counted)) this.counted[name] += this.page.backlog.counts[name];
    this.page = newPage();
    this.adopt();
  }

  /** A page takes over what is stored and not its own, as much as it has room for. */
  adopt() {
    const own = this.page.backlog.keys;
    for (const [key, ids] of this.storage) if (!own.has(key)) take(this.page, ids, key, this.now);
  }

  check() {
    const { backlog, flights } = this.page;
    assert.ok(waiting(this.page) <= MOST);
    const flying = new Set(flights.flatMap(({ records }) => records));
    const idle = backlog.records.filter((record) => !flying.has(record));
    // What waits is due, whatever was answered.
    assert.equal(backlog.due() === undefined, !idle.length);
    assert.ok(!idle.length || backlog.due() <= this.now + 10_000_000);
  }
}

function play(seed) {
  const random = new Random(seed);
  const world = new World(random);
  // Few of some schedules' answers are good, few of others' bad.
  const good = random.below(8);
  for (let steps = random.below(40); steps > 0; steps--) {
    const { flights, backlog } = world.page;
    const step = random.below(10);
    if (step < 3) world.record(random.below(100) ? 1 + random.below(4) : 600, !random.below(20));
    else if (step === 3) world.now += random.below(400_000);
    else if (step === 4) world.now += Math.max(0, (backlog.due() ?? 0) - world.now);
    // A clock that is set back.
    else if (step === 5) world.now -= random.below(100_000);
    else if (step === 6) while (world.send(!random.below(3)) && random.below(4));
    else if (step < 9 && flights.length) world.answer(random.below(flights.length), random.below(6 + good));
    else if (step === 9 && !random.below(3)) world.replace();
    else if (step === 9 && !random.below(4)) world.giveUp();
    world.check();
  }
  // The page comes back once more, to a collector that works.
  world.replace();
  for (let turn = 0; ; turn++) {
    const { flights, backlog } = world.page;
    while (flights.length) world.answer(flights.length - 1, 9);
    if (!world.send(false)) {
      const due = backlog.due();
      if (due !== undefined) world.now = Math.max(world.now, due);
      // What had no room is taken over when there is some.
      else if (world.storage.size) world.adopt();
      else break;
    }
    assert.ok(turn < 20_000, 'it comes to an end');
  }
  assert.equal(waiting(world.page), 0);
  const { rows, refused, turnedAway, unstored, givenUp } = world;
  for (let id = 1; id <= world.made; id++) {
    assert.ok(
      [rows, refused, turnedAway, unstored, givenUp].some((ends) => ends.has(id)),
      `${id} is lost`,
    );
    assert.ok(!turnedAway.has(id) || !rows.has(id));
  }
  world.replace();
  const { sent, overflow, refused: dropped, rejected } = world.counted;
  assert.equal(overflow, givenUp.size);
  // A page that is gone had some of it sent that another one sent again.
  assert.ok(sent + rejected + dropped + overflow + turnedAway.size + unstored.size >= world.made);
  assert.ok(rejected + dropped >= [...refused].filter((id) => !unstored.has(id) && !givenUp.has(id)).length);
}

test(`${SCHEDULES} schedules: none loses a record`, () => {
  const only = process.env.WAFT_SEED;
  for (let seed = Number(only ?? 0); seed < (only ? Number(only) + 1 : SCHEDULES); seed++) {
    try {
      play(seed);
    } catch (error) {
      error.message = `WAFT_SEED=${seed}: ${error.message}`;
      throw error;
    }
  }
});

/** A backlog with as many records, each of a group of its own. */
function backlogOf(count, now = 0) {
  const backlog = new Backlog();
  for (let id = 1; id <= count; id++) backlog.take([id], `k${id}`, now);
  return backlog;
}
const begin = (backlog, now, length = 100, leaving = false) => backlog.begin(now, leaving, () => 'x'.repeat(length));

test('records go soon, or when there are fifty', () => {
  assert.equal(new Backlog().due(), undefined);
  assert.deepEqual(
    [1, 49, 50, 51].map((count) => backlogOf(count).due()),
    [2_000, 2_000, 0, 0],
  );
});

test('a request has fifty records and sixty kilobytes', () => {
  const count = (records, length) => begin(backlogOf(records), 0, length).records.length;
  // 500 bytes of a frame, and a comma each.
  assert.deepEqual([count(120, 100), count(120, 5_000), count(120, 1_190), count(120, 1_189)], [50, 11, 49, 50]);
  assert.equal(count(2, 70_000), 1, 'one that is larger than all the room goes alone');
});

test('lengths are bytes of UTF-8', () => {
  assert.equal(backlogOf(120).begin(0, false, () => 'ü'.repeat(2_500)).records.length, 11);
});

test('who leaves has nine requests of sixty kilobytes in all, and who stays one', () => {
  const backlog = new Backlog();
  for (let request = 1; request <= 12; request++) {
    backlog.take([request], `k${request}`, 0);
    assert.equal(!!begin(backlog, 0, 100, true), request <= 9, `request ${request}`);
  }
  assert.equal(begin(backlog, 0), undefined);
  const large = backlogOf(120);
  assert.deepEqual(
    [1, 2, 3].map(() => begin(large, 0, 5_000, true)?.records.length),
    [11, undefined, undefined],
  );
  const stays = backlogOf(120);
  begin(stays, 0);
  assert.equal(begin(stays, 0), undefined);
});

test('pauses double, are jittered, and obey Retry-After', () => {
  const backlog = backlogOf(1);
  let now = 0;
  for (const [failure, pause] of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].entries()) {
    const random = [0, 0.25, 0.999][failure % 3];
    assert.deepEqual([...backlog.settle(begin(backlog, now), answer(500), now, random)], []);
    const wait = pause * 1_000 * (0.5 + random);
    assert.equal(backlog.due(), Math.max(now + wait, 2_000), `failure ${failure}`);
    assert.equal(begin(backlog, now + wait - 1), undefined);
    now = backlog.due();
  }
  backlog.settle(begin(backlog, now), answer(503, { wait: 3_600_000 }), now, 0);
  assert.equal(backlog.due(), now + 3_600_000);
  const last = begin(backlog, now, 100, true);
  assert.equal(last.records.length, 1, 'who leaves does not wait');
  assert.deepEqual([...backlog.settle(last, YES, now, 0)], ['k1']);
  backlog.take([2], 'k2', now);
  assert.equal(backlog.due(), now + 2_000, 'a success ends the pause');
  backlog.settle(begin(backlog, now), answer(500), now, 0.5);
  assert.equal(begin(backlog, now + 999), undefined);
  assert.ok(begin(backlog, now + 1_000), 'and the next one is short again');
});

test('what only people can change is tried again after a minute', () => {
  for (const outcome of [answer(401), answer(403), answer(404), answer(200, { readable: false }), answer(304)]) {
    const backlog = backlogOf(1);
    backlog.settle(begin(backlog, 0), outcome, 0, 0);
    assert.equal(backlog.due(), 60_000, String(outcome.status));
  }
});

test('what passes is tried again after the pause alone', () => {
  for (const outcome of [LOST, answer(429), answer(500), answer(503)]) {
    const backlog = backlogOf(50);
    backlog.settle(begin(backlog, 0), outcome, 0, 0.5);
    assert.equal(backlog.due(), 1_000, String(outcome.status));
  }
});

test('too large is halved until one is dropped, and grows back', () => {
  const backlog = backlogOf(100);
  for (const count of [50, 25, 12, 6, 3, 1]) {
    const batch = begin(backlog, 0);
    assert.equal(batch.records.length, count);
    assert.deepEqual([...backlog.settle(batch, answer(413), 0, 0)], count === 1 ? ['k1'] : []);
    assert.equal(backlog.due(), count > 1 || backlog.records.length === 99 ? 0 : undefined, 'and goes at once');
  }
  assert.deepEqual([backlog.records.length, backlog.counts.refused], [99, 1]);
  for (const count of [1, 3, 6, 12, 25, 50]) {
    const batch = begin(backlog, 0);
    assert.equal(batch.records.length, count);
    assert.equal(backlog.settle(batch, YES, 0, 0).size, count);
  }
});

test('a 413 of a request that is smaller than the next would be says nothing new', () => {
  const backlog = backlogOf(100);
  const [first, second] = [begin(backlog, 0, 100, true), begin(backlog, 0, 100, true)];
  backlog.settle(first, answer(413), 0, 0);
  const third = begin(backlog, 0, 100, true);
  assert.equal(third.records.length, 25);
  backlog.settle(second, answer(413), 0, 0);
  backlog.settle(third, YES, 0, 0);
  assert.equal(begin(backlog, 0).records.length, 50);
});

test('a key is done with its last record', () => {
  const backlog = new Backlog();
  backlog.take(
    Array.from({ length: 60 }, (_, id) => id),
    'one',
    0,
  );
  backlog.take([60], 'two', 0);
  assert.deepEqual([...backlog.keys], ['one', 'two']);
  assert.deepEqual([...backlog.settle(begin(backlog, 0), YES, 0, 0)], []);
  assert.deepEqual([...backlog.keys], ['one', 'two']);
  assert.deepEqual([...backlog.settle(begin(backlog, 0), YES, 0, 0)], ['one', 'two']);
  assert.deepEqual([backlog.records, backlog.counts.sent], [[], 61]);
});

test('a collector cannot reject more than it was sent', () => {
  const backlog = backlogOf(3);
  backlog.settle(begin(backlog, 0), answer(200, { rejected: 2 ** 40 }), 0, 0);
  assert.deepEqual([backlog.counts.sent, backlog.counts.rejected], [0, 3]);
});

test('what is given up is not in flight', () => {
  const backlog = new Backlog();
  backlog.take([1, 2, 3], 'one', 0);
  backlog.take(
    Array.from({ length: 60 }, (_, id) => id),
    'two',
    0,
  );
  const batch = begin(backlog, 0);
  assert.equal(batch.records.length, 50);
  backlog.drop('one');
  // Some of it alone.
  backlog.drop('two');
  assert.equal(backlog.records.length, 63);
  backlog.take([7, 8], 'three', 0);
  backlog.drop('three');
  assert.equal(backlog.records.length, 63);
  assert.deepEqual([...backlog.settle(batch, YES, 0, 0)], ['one']);
  backlog.drop('two');
  assert.deepEqual([backlog.records, backlog.due(), backlog.counts.overflow], [[], undefined, 15]);
});
