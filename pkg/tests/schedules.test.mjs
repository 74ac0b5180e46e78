// The queue in random schedules: its own code in a browser of world.mjs. After every event *what waits is due*: a timer of
// the page rings when `nextAttempt` says, or a request is in flight that has not outlived its deadline, or the page is closed, paused or
// prerendered; and *what is due is sent*. At the end, once everything works, every record is at the collector, or was counted.
//
// `WAFT_SCHEDULES` says how many are played (100,000 by `make faults`), `WAFT_SEED` which one alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Queue } from '../build/exposures/queue.js';
import { openShelf } from '../build/exposures/shelves.js';
import { Random, settle, World } from './world.mjs';

const SCHEDULES = Number(process.env.WAFT_SCHEDULES ?? 1_500);
/** How long a request may take, in milliseconds: platform/http.ts. */
const DEADLINE = 10_000;
/** Longer than all pauses. */
const LONG = 4_000_000;
const LUCK = ['yes', 'yes', 'yes', 'busy', 'refused', 'lost', 'endless', 'hung', 'never', 'large', 'wrong'];

/** A shelf that keeps what it is given some time later, as IndexedDB does. */
class SlowShelf {
  name = 'slow';
  storage = 'indexedDB';
  #last = Promise.resolve();
  constructor(world) {
    this.world = world;
  }
  #later(work) {
    return (this.#last = Promise.all([this.#last, this.world.after(this.world.random.below(30))]).then(work));
  }
  set(key, text) {
    void this.#later(() => {
      try {
        this.world.disk.setItem(key, text);
        this.storage = 'indexedDB';
      } catch {
        this.storage = 'memory';
      }
    });
  }
  remove(key) {
    void this.#later(() => this.world.disk.removeItem(key));
  }
  entries(start) {
    const { disk } = this.world;
    return this.#later(() =>
      Array.from({ length: disk.length }, (_, index) => [disk.key(index), disk.getItem(disk.key(index))]).filter(([key]) =>
        key.startsWith(start),
      ),
    );
  }
  settled() {
    return this.#last;
  }
}

class Schedule {
  #made = 0;
  /** Why a record need not arrive: it was forgotten with consent, or was in the memory of a page that is gone. */
  #excused = new Set();

  constructor(seed) {
    this.random = new Random(seed);
    this.world = new World(this.random);
    this.slow = this.random.chance(0.25);
  }

  async open({ paused = false } = {}) {
    const { world } = this;
    const page = await world.open(async (page) => {
      page.document.prerendering = this.random.chance(0.05);
      page.luck = Array.from({ length: 3 }, () => this.random.one(LUCK));
      const shelf = this.slow ? new SlowShelf(world) : openShelf();
      const queue = new Queue('https://collector.example/v1/logs', 'shop', `page${this.#made++}`, paused, shelf);
      if (!paused) queue.start(true);
      return { queue, paused, closed: false, made: [], volatile: world.disk.room < Infinity };
    });
    await this.check();
    return page;
  }

  record(page, count) {
    for (let record = 0; record < count; record++) {
      const id = `r${this.#made++}`;
      const draft = `"project":"shop","event":"waft.track","attributes":{"waft.event.id":"${id}"${this.random.chance(0.01) ? `,"x":"${'x'.repeat(17_000)}"` : ''}}}`;
      page.queue.record(() => draft);
      page.made.push(id);
    }
  }

  /** What is to hold after each event. */
  async check() {
    const { world } = this;
    for (const page of world.pages) {
      if (page.frozen) continue;
      const { waiting, nextAttempt, sent, refused } = page.queue.status();
      assert.ok(waiting >= 0 && sent >= 0 && refused >= 0);
      const flights = [...world.calls].filter((call) => call.page === page);
      for (const { began } of flights) assert.ok(world.now - began <= DEADLINE + 1, 'a request outlives its deadline');
      if (page.closed && !flights.length) assert.equal(world.rings(page), Infinity, 'a closed page has no timer');
      if (!waiting || page.closed || page.paused || page.document.prerendering || flights.length) continue;
      const due = nextAttempt - Date.now() + world.now;
      const rings = world.rings(page);
      assert.ok(
        rings <= Math.max(due, world.now) + 2,
        `${waiting} wait, due in ${due - world.now} ms, and the first timer rings in ${rings - world.now} ms`,
      );
    }
  }

  /** A page is gone: what was not in storage is gone with it. */
  gone(page) {
    const { overflow, tooLong, storage } = page.queue.status();
    const counted = overflow + tooLong;
    const volatile = page.volatile || page.paused || page.document.prerendering || this.slow || storage === 'memory';
    const missing = this.#missing(page);
    assert.ok(volatile || missing.length <= counted, `${missing.length} are missing, ${counted} were counted`);
    for (const id of missing) this.#excused.add(id);
    this.world.kill(page);
  }

  /** What a page made that is neither at the collector nor in storage. */
  #missing(page) {
    const { rows, refused, disk } = this.world;
    const kept = disk.values('waft:q:').join();
    return page.made.filter((id) => !rows.has(id) && !refused.has(id) && !this.#excused.has(id) && !kept.includes(`"${id}"`));
  }

  /** Something happens to a page. */
  async happen(page) {
    const { random, world } = this;
    const tell = (target, name) => world.in(page, () => target.dispatchEvent(new Event(name)));
    switch (random.below(24)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return world.in(page, () => this.record(page, random.chance(0.01) ? 600 : 1 + random.below(4)));
      case 4:
      case 5:
      case 6:
      case 7:
        return this.pass(random.one([random.below(500), random.below(3_000), random.below(15_000)]));
      case 8:
        return this.pass(random.below(400_000));
      case 9:
      case 10:
        return world.in(page, () => void page.queue.flush());
      case 11:
      case 12:
        page.document.hidden = !page.document.hidden;
        return tell(page.document, 'visibilitychange');
      case 13:
        return tell(page.window, 'pagehide');
      case 14:
        await world.freeze(page);
        await this.pass(random.below(60_000));
        return world.thaw(page);
      case 15:
        this.gone(page);
        return void (await this.open());
      case 16:
        return world.pages.length < 3 && void (await this.open({ paused: random.chance(0.3) }));
      case 17:
        page.paused = !page.paused;
        return world.in(page, () => {
          page.queue.paused = page.paused;
          if (!page.paused) page.queue.start(true);
        });
      case 18:
        // Denied: what waited for consent is forgotten.
        if (page.paused) for (const id of this.#missing(page)) this.#excused.add(id);
        return world.in(page, () => {
          page.queue.forget();
          page.queue.paused = page.paused = false;
        });
      case 19:
        world.disk.room = world.disk.room === Infinity ? random.below(20_000) : Infinity;
        for (const each of world.pages) each.volatile = true;
        return undefined;
      case 20:
        // What is in flight is in memory alone then; what was taken over, too, may go, and is counted here.
        for (const each of world.pages) each.volatile = true;
        return world.in(page, () => page.queue.makeRoom());
      case 21:
        world.skew += random.below(200_000) - 100_000;
        return undefined;
      case 22:
        page.closed = true;
        await world.in(page, () => page.queue.close());
        await this.pass(random.below(20_000));
        this.gone(page);
        return world.pages.length ? undefined : void (await this.open());
      default:
        page.luck = Array.from({ length: 3 }, () => random.one(LUCK));
        if (!page.document.prerendering) return undefined;
        page.document.prerendering = false;
        return tell(page.document, 'prerenderingchange');
    }
  }

  pass(time) {
    return this.world.pass(time, () => this.check());
  }

  async play() {
    const { random, world } = this;
    await this.open({ paused: random.chance(0.1) });
    for (let step = random.below(40); step > 0; step--) {
      await this.happen(random.one(world.pages));
      await this.check();
    }
    // From here on everything works, and nothing happens but that time passes.
    world.calm = true;
    world.disk.room = Infinity;
    for (const page of world.pages) {
      page.paused = page.document.prerendering = false;
      await world.in(page, () => {
        page.document.dispatchEvent(new Event('prerenderingchange'));
        page.queue.paused = false;
        page.queue.start(true);
      });
    }
    await this.pass(LONG);
    for (const page of world.pages) assert.equal(page.queue.status().waiting, 0, 'what waits is sent');
    for (const page of [...world.pages]) this.gone(page);
    // What pages left that are gone, the next one sends.
    await this.open();
    const [page] = world.pages;
    page.document.prerendering = false;
    await world.in(page, () => page.document.dispatchEvent(new Event('prerenderingchange')));
    await this.pass(LONG);
    assert.deepEqual([world.disk.values('waft:q:').length, page.queue.status().waiting], [0, 0], 'nothing is left');
    await settle();
  }
}

/** One page in a world that works, but for what a script says of its first requests. */
async function scripted(t, script, work) {
  const schedule = new Schedule(1);
  const { world } = schedule;
  world.calm = true;
  schedule.slow = false;
  t.after(world.install());
  const page = await schedule.open();
  page.script = script;
  const record = (count) => world.in(page, () => schedule.record(page, count));
  await work({ world, page, record, pass: (time) => schedule.pass(time) });
  await schedule.pass(15_000);
  const { waiting, sent, nextAttempt } = page.queue.status();
  assert.deepEqual([waiting, sent, nextAttempt], [0, page.made.length, undefined]);
}

for (const [what, slow] of [
  ['a slow 503', { how: 'unavailable', headersAfter: 3_000 }],
  ['a slow 200', { how: 'yes', headersAfter: 3_000 }],
  ['a slow body', { how: 'yes', bodyAfter: 3_000 }],
  ['a request that hangs', { how: 'hung' }],
  ['a request that hangs, and does not hear that it is to end', { how: 'hung', hears: false }],
]) {
  test(`${what}, and a record 0.4 s later, whose timer rings meanwhile`, (t) =>
    scripted(t, [slow], async ({ record, pass }) => {
      await record(1);
      await pass(2_000 + 400);
      await record(1);
      await pass(30_000);
      await record(1);
    }));
}

test('a request that hangs when the page is left, which comes back from the cache: it goes on at once', (t) =>
  scripted(t, [{ how: 'hung', hears: false }, { how: 'hung' }], async ({ world, page, record, pass }) => {
    await record(1);
    await pass(2_400);
    await record(1);
    await world.freeze(page);
    await pass(60_000);
    await world.thaw(page);
    // Twice the first pause, and half as much again.
    await pass(3_100);
    assert.equal(page.queue.status().waiting, 0);
  }));

test(`${SCHEDULES} schedules: what waits is due, what is due is sent, and nothing is lost`, async () => {
  const only = process.env.WAFT_SEED;
  for (let seed = Number(only ?? 0); seed < (only ? Number(only) + 1 : SCHEDULES); seed++) {
    const schedule = new Schedule(seed);
    const restore = schedule.world.install();
    try {
      await schedule.play();
    } catch (error) {
      error.message = `WAFT_SEED=${seed}: ${error.message}`;
      throw error;
    } finally {
      restore();
    }
  }
});
