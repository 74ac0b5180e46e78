// What is measured, for one peer: the same code in a page and in Node. Every member answers one sample; the rounds and the
// medians are bench.mjs's.
import { decided, flags, nobody } from './ruleset.mjs';

/** How long a sample of something short lasts at least, in milliseconds. */
const SAMPLE = 20;
/** Contexts that take turns, so that none is remembered. */
const CONTEXTS = 512;
/** People of the population, and how long everybody is given for as many of them as it can, in milliseconds. */
const USERS = 100_000;
const PREVIEW = 100;
/** First reads of one sample; and where they are tasks apart, fewer than fill a request, so that none is sent meanwhile. */
const EXPOSED = 200;
const UNSENT = 40;

/** The figures of one peer. `read(count)` answers its ruleset of so many flags as bytes. */
export function measures(peer, read) {
  const { contextOf = (context) => context, peek = peer.decide } = peer;
  const decideAll =
    peer.decideAll ??
    ((client, keys) => {
      for (const key of keys) peer.decide(client, key);
    });
  const rulesets = new Map();
  const repeats = new Map(); // how many times an operation is done in one sample
  let keys;
  let contexts;
  let client; // of the ruleset of 1,000, for everything that is not loading
  let users;
  let decidePreview;
  let fresh = 1;

  async function bytesOf(count) {
    if (!rulesets.has(count)) rulesets.set(count, await read(count));
    return rulesets.get(count);
  }

  /** Milliseconds from bytes to a flag. */
  async function first(bytes, context, key) {
    const start = performance.now();
    const loaded = await peer.load(bytes, context);
    peer.decide(loaded, key);
    const spent = performance.now() - start;
    await peer.close(loaded);
    return spent;
  }

  /** Nanoseconds for one of many; `work(count)` does so many. */
  function each(name, work) {
    let count = repeats.get(name) ?? 1;
    for (;;) {
      const start = performance.now();
      work(count);
      const spent = performance.now() - start;
      if (spent >= SAMPLE) {
        repeats.set(name, count);
        return (1e6 * spent) / count;
      }
      count = Math.ceil(count * Math.min(10, (1.3 * SAMPLE) / Math.max(spent, 0.1)));
    }
  }

  return {
    /** Loads the engine, where that can be done ahead of rules, and fetches the rulesets; nothing of it is in any figure. */
    async prepare(assets, counts) {
      await peer.prepare?.(assets);
      for (const count of counts) await bytesOf(count);
      keys = flags(1_000).map(({ key }) => key);
      contexts = Array.from({ length: CONTEXTS }, (_, index) => contextOf(nobody(index)));
    },

    /** Loads what everything but loading is measured with. */
    async open() {
      client = await peer.load(await bytesOf(1_000), contexts[0]);
    },

    /** What it decides otherwise than the ruleset says, in words; and how many flags of nobody's, and how many people, are on. */
    check() {
      const wrong = [];
      for (const flag of flags(100)) {
        for (const [what, context, expected] of decided(flag)) {
          peer.setContext(client, contextOf(context));
          if (peer.decide(client, flag.key) !== expected) wrong.push(`${flag.key}, ${what}: expected ${expected}`);
        }
      }
      peer.setContext(client, contexts[0]);
      const flagsOn = keys.filter((key) => peer.decide(client, key)).length / keys.length;
      const count = 2_000;
      let on = 0;
      for (let index = 0; index < count; index++) {
        peer.setContext(client, contextOf(nobody(index)));
        if (peer.decide(client, keys[7])) on++;
      }
      return { wrong, flagsOn, usersOn: on / count };
    },

    /** Milliseconds from bytes in memory to the first flag, in a page that has done it before. Another context each time. */
    firstFlag: async (count) => first(await bytesOf(count), contexts[fresh++ % CONTEXTS], `flag-${String(count >> 1).padStart(5, '0')}`),

    /** The same where nothing has run before but the scripts' own first lines, and `prepare`. */
    firstFlagCold: async () => first(await bytesOf(1_000), contexts[0], keys[500]),

    /** Nanoseconds for a flag that has been read for this context. */
    repeatedRead() {
      peer.setContext(client, contexts[0]);
      const key = keys[500];
      let on = 0;
      const spent = each('repeatedRead', (count) => {
        for (let index = 0; index < count; index++) if (peer.decide(client, key)) on++;
      });
      if (on < 0) throw new Error('never: so that the reads are of use to somebody');
      return spent;
    },

    /** Nanoseconds for another context and one flag. */
    newContext() {
      let on = 0;
      let all = 0;
      const spent = each('newContext', (count) => {
        all += count;
        for (let index = 0; index < count; index++) {
          peer.setContext(client, contexts[index % CONTEXTS]);
          if (peek(client, keys[500])) on++;
        }
      });
      // A peer that no longer decides is fast, too.
      if (all > CONTEXTS && Math.abs(on / all - 0.5) > 0.2) throw new Error(`${on} of ${all} are on, not a half`);
      return spent;
    },

    /** Milliseconds for another context and all of 1,000 flags. */
    allFlags: () =>
      each('allFlags', (count) => {
        for (let index = 0; index < count; index++) {
          peer.setContext(client, contexts[index % CONTEXTS]);
          decideAll(client, keys);
        }
      }) / 1e6,

    /**
     * Microseconds for a first read until its exposure is recorded, each in a turn of its own. Only where that is durable.
     *
     * Of the middle half of the reads, as most of them take: the browser's other processes write what the reads before have stored,
     * more than a page has to say, and of two cores they take this thread's as well. `mean` is of all reads. `task`: each read in a
     * task of its own. `storage`: of the first, how long `localStorage.setItem` takes alone.
     */
    async firstExposure(what) {
      if (!peer.recorded) return undefined;
      const recording = await peer.load(await bytesOf(1_000), contextOf(nobody(CONTEXTS + fresh++)), { endpoint: '/v1/logs' });
      const read = keys.slice(0, what === 'task' ? UNSENT : EXPOSED);
      const spent = [];
      const stored = [];
      const { setItem } = Storage.prototype;
      if (what === 'storage') {
        Storage.prototype.setItem = function (...item) {
          const start = performance.now();
          setItem.apply(this, item);
          stored.push(performance.now() - start);
        };
      }
      for (const key of read) {
        if (what === 'task') await nextTask();
        const start = performance.now();
        peer.decide(recording, key);
        // What the read has left for the end of its turn, the writing, comes before what follows.
        await undefined;
        spent.push(performance.now() - start);
      }
      Storage.prototype.setItem = setItem;
      const count = peer.recorded(recording);
      if (count !== read.length) throw new Error(`${count} exposures of ${read.length} reads`);
      await recording.flush();
      await peer.close(recording);
      localStorage.clear();
      const sorted = (what === 'storage' ? stored : spent).sort((one, other) => one - other);
      const quarter = what === 'mean' ? 0 : sorted.length >> 2;
      const counted = sorted.slice(quarter, sorted.length - quarter);
      return (1_000 * counted.reduce((sum, time) => sum + time, 0)) / counted.length;
    },

    /** Millions of people for whom one flag is decided in a second. */
    async preview() {
      users ??= Array.from({ length: USERS }, (_, index) => contextOf(nobody(index)));
      // Waft's has a call of its own for this, or none.
      if ('preview' in peer) {
        if (!peer.preview) return undefined;
        decidePreview ??= await peer.preview(await bytesOf(1_000), users, keys[500]);
        const on = decidePreview();
        if (Math.abs(on / USERS - 0.5) > 0.02) throw new Error(`${on} of ${USERS} are on, not a half`);
      }
      let next = 0;
      const thousand = () => {
        for (const end = next + 1_000; next < end; next++) {
          peer.setContext(client, users[next % USERS]);
          peer.decide(client, keys[500]);
        }
      };
      const [work, size] = decidePreview ? [decidePreview, USERS] : [thousand, 1_000];
      // The middle one of many: a browser's other processes want the same cores, and take them for several passes at a time.
      const passes = [];
      for (const end = performance.now() + PREVIEW; performance.now() < end; ) {
        const start = performance.now();
        work();
        passes.push(performance.now() - start);
      }
      return size / median(passes) / 1e3;
    },

    /** For the memory that it takes: keeps a client, after one flag and after all of them. Lets go of its input. */
    async hold() {
      const bytes = await bytesOf(1_000);
      rulesets.clear();
      client = await peer.load(bytes, contexts[0]);
      peek(client, keys[500]);
    },
    readAll() {
      for (const key of keys) peer.decide(client, key);
    },
  };
}

/** Resolves in a task of its own. */
function nextTask() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
