// A browser whose time, network, storage, locks and luck a schedule decides: what is real in it is the queue's own code.
// Everything happens in the order of a virtual clock, one event at a time, each followed by all its microtasks.

const real = { setImmediate, Headers };

/** A small generator (splitmix32): a schedule can be had again by its seed. */
export class Random {
  #state;
  constructor(seed) {
    this.#state = seed >>> 0;
  }
  unit() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }
  below(limit) {
    return Math.floor(this.unit() * limit);
  }
  one(list) {
    return list[this.below(list.length)];
  }
  chance(share) {
    return this.unit() < share;
  }
}

/** All microtasks of what was done. */
export const settle = () => new Promise((resolve) => real.setImmediate(resolve));

/** A localStorage with room for so many characters. */
export class Disk {
  room = Infinity;
  #map = new Map();
  get length() {
    return this.#map.size;
  }
  key(index) {
    return [...this.#map.keys()][index] ?? null;
  }
  getItem(key) {
    return this.#map.get(key) ?? null;
  }
  setItem(key, value) {
    let used = key.length + value.length;
    for (const [other, text] of this.#map) if (other !== key) used += other.length + text.length;
    if (used > this.room) throw new DOMException('full', 'QuotaExceededError');
    this.#map.set(key, value);
  }
  removeItem(key) {
    this.#map.delete(key);
  }
  values(start) {
    return [...this.#map].flatMap(([key, value]) => (key.startsWith(start) ? [value] : []));
  }
}

export class World {
  /** The clock of `performance.now()`, and what `Date.now()` is ahead of it. */
  now = 1_000;
  skew = 1_780_000_000_000;
  disk = new Disk();
  /** What will happen: timers of pages, and what comes over the network. */
  #events = new Map();
  #numbers = 0;
  #locks = new Map();
  /** Whose code runs. */
  page;
  pages = [];
  /** Requests in flight. */
  calls = new Set();
  /** What a collector has, and what it said it will never take. */
  rows = new Set();
  refused = new Set();
  /** Whether everything works from now on. */
  calm = false;

  constructor(random) {
    this.random = random;
  }

  /** Puts this world in the place of the real one; answers how to undo it. */
  install() {
    const world = this;
    const put = {
      setTimeout: (work, delay = 0) => world.#timer(work, delay),
      clearTimeout: (timer) => timer && world.#events.delete(timer.number),
      fetch: (_url, init) => world.#fetch(init),
      localStorage: world.disk,
      Blob: class {
        constructor(parts) {
          this.parts = parts;
        }
        async arrayBuffer() {
          return Uint8Array.from(this.parts.flatMap((part) => [...part])).buffer;
        }
      },
      navigator: {
        get locks() {
          return { request: (name, options, work) => world.#lock(name, options, work) };
        },
        sendBeacon: (_url, { parts: [body] }) => world.random.chance(0.5) && world.#store(idsOf(body)),
      },
    };
    const before = Object.entries(put).map(([name]) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
    for (const [name, value] of Object.entries(put)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    const [{ now }, { random }, { timeout }, monotonic] = [Date, Math, AbortSignal, performance.now];
    Date.now = () => Math.floor(world.now + world.skew);
    Math.random = () => world.random.unit();
    performance.now = () => world.now;
    // For code that uses it.
    AbortSignal.timeout = (delay) => {
      const ending = new AbortController();
      world.#later(world.now + delay, world.page, () => ending.abort());
      return ending.signal;
    };
    return () => {
      for (const [name, descriptor] of before) descriptor ? Object.defineProperty(globalThis, name, descriptor) : delete globalThis[name];
      [Date.now, Math.random, AbortSignal.timeout, performance.now] = [now, random, timeout, monotonic];
      delete globalThis.document;
      delete globalThis.addEventListener;
    };
  }

  /** A page, to which `make` gives what runs in it. */
  async open(make) {
    const page = {
      window: new EventTarget(),
      document: Object.assign(new EventTarget(), { hidden: false, prerendering: false }),
      alive: true,
      frozen: 0,
    };
    this.pages.push(page);
    await this.in(page, async () => Object.assign(page, await make(page)));
    return page;
  }

  /** Runs code of a page, and all that follows from it at once. */
  async in(page, work) {
    this.page = page;
    globalThis.document = page.document;
    globalThis.addEventListener = page.window.addEventListener.bind(page.window);
    const answer = await work();
    await settle();
    return answer;
  }

  /** Ends a page, as an operating system does. */
  kill(page) {
    page.alive = false;
    this.pages = this.pages.filter((other) => other !== page);
    for (const [number, event] of this.#events) if (event.page === page) this.#events.delete(number);
    for (const [name, holder] of this.#locks) if (holder === page) this.#locks.delete(name);
    for (const call of this.calls) if (call.page === page) this.calls.delete(call);
  }

  /** The page is kept as it is, its clocks stand still, and what was on its way never comes. */
  async freeze(page) {
    await this.in(page, () => page.window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true })));
    page.frozen = this.now;
    for (const call of this.calls) if (call.page === page) call.lost = true;
  }

  async thaw(page) {
    const stood = this.now - page.frozen;
    page.frozen = 0;
    for (const event of this.#events.values()) if (event.page === page) event.at += stood;
    for (const call of this.calls) if (call.page === page) call.began += stood;
    await this.in(page, () => page.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true })));
  }

  /** When the first timer of a page rings. */
  rings(page) {
    return Math.min(Infinity, ...[...this.#events.values()].filter((event) => event.page === page && event.timer).map(({ at }) => at));
  }

  /** Lets time pass, with all that happens meanwhile. `check` is called after each event. */
  async pass(time, check) {
    const end = this.now + time;
    for (let next; (next = this.#next(end)); ) {
      const [number, { at, page, work }] = next;
      this.#events.delete(number);
      this.now = Math.max(this.now, at);
      await this.in(page, work);
      await check();
    }
    this.now = end;
  }

  #next(end) {
    let first;
    for (const entry of this.#events) {
      const [, { at, page }] = entry;
      if (at <= end && !page.frozen && (!first || at < first[1].at)) first = entry;
    }
    return first;
  }

  /** Some time later, if the page is still there. */
  after(delay) {
    return new Promise((resolve) => this.#later(this.now + delay, this.page, resolve));
  }

  #later(at, page, work, timer = false) {
    const number = ++this.#numbers;
    this.#events.set(number, { at, page, work, timer });
    return number;
  }

  #timer(work, delay) {
    // As in browsers and Node, now and then a little early.
    const early = delay > 1 && this.random.chance(0.05) ? 0.6 : 0;
    const number = this.#later(this.now + Math.max(0, Math.trunc(delay)) - early, this.page, work, true);
    return { number, unref() {} };
  }

  async #lock(name, { ifAvailable }, work) {
    if (!this.calm && this.random.chance(0.1)) throw new DOMException('refused', 'SecurityError');
    if (this.#locks.has(name)) {
      if (!ifAvailable) throw new Error('nobody waits here');
      return work(null);
    }
    const { page } = this;
    this.#locks.set(name, page);
    try {
      return await work({ name });
    } finally {
      if (this.#locks.get(name) === page) this.#locks.delete(name);
    }
  }

  #store(ids) {
    for (const id of ids) this.rows.add(id);
    return true;
  }

  /** A request: what comes of it, and when, is drawn by lot, unless a page's `script` says so. Some transports do not hear that they are to end. */
  #fetch({ body, signal, keepalive }) {
    const { page, random } = this;
    const pending = [...this.calls]
      .filter((call) => call.page === page && call.keepalive)
      .reduce((sum, call) => sum + call.size, body.length);
    if (keepalive && pending > 65_536) return Promise.reject(new TypeError('keepalive quota'));
    const call = { page, size: body.length, keepalive, began: this.now, lost: false };
    this.calls.add(call);
    const ids = idsOf(body);
    const within = (most) => random.one([random.below(50), random.below(900), random.below(most)]);
    const drawn = () => ({
      how: random.one(page.luck),
      headersAfter: within(12_000),
      bodyAfter: random.one([0, 0, within(6_000)]),
      hears: random.chance(0.7),
    });
    const { how, headersAfter = 20, bodyAfter = 0, hears = true } = page.script?.shift() ?? (this.calm ? { how: 'yes' } : drawn());
    const over = () => this.calls.delete(call);
    return new Promise((resolve, reject) => {
      const stopped = [reject];
      signal.addEventListener('abort', () => {
        over();
        if (hears) for (const stop of stopped) stop(signal.reason ?? new DOMException('ended', 'AbortError'));
      });
      const later = (delay, work) => this.#later(this.now + delay, page, () => call.lost || !this.calls.has(call) || work());
      if (how === 'hung') return;
      later(headersAfter, () => {
        if (how === 'refused') return (over(), reject(new TypeError('connection refused')));
        const answer = this.#answer(how, ids);
        const { status, text = '{}', headers = {}, cut, endless } = answer;
        const left = text ? [new TextEncoder().encode(text)] : [];
        const read = () =>
          new Promise((resolve, reject) => {
            stopped.push(reject);
            if (endless && !left.length) return;
            later(bodyAfter, () => {
              const value = left.shift();
              if (value) return resolve({ value, done: false });
              over();
              cut ? reject(new TypeError('cut')) : resolve({ value: undefined, done: true });
            });
          });
        resolve({ status, headers: new real.Headers(headers), body: { getReader: () => ({ read, cancel: async () => over() }) } });
      });
    });
  }

  #answer(how, ids) {
    switch (how) {
      case 'yes':
        this.#store(ids);
        return { status: 200, text: this.random.chance(0.5) ? '' : '{}' };
      case 'lost':
        this.#store(ids);
        return { status: 200, text: '{', cut: true };
      case 'endless':
        this.#store(ids);
        return { status: 200, text: '{', endless: true };
      case 'unavailable':
        return { status: 503 };
      case 'busy':
        return {
          status: this.random.one([503, 500, 429]),
          headers: this.random.chance(0.3) ? { 'retry-after': String(this.random.below(30)) } : {},
        };
      case 'never':
        for (const id of ids) this.refused.add(id);
        return { status: 400 };
      case 'large':
        if (ids.length > 3) return { status: 413 };
        return this.#answer('yes', ids);
      case 'wrong':
        return this.random.one([{ status: 401 }, { status: 404 }, { status: 200, text: '<p>Welcome' }]);
      default:
        throw new Error(how);
    }
  }
}

/** The ids of the records in a body. */
function idsOf(body) {
  const { logRecords } = JSON.parse(new TextDecoder().decode(body)).resourceLogs[0].scopeLogs[0];
  return logRecords.map(({ attributes }) => attributes.find(({ key }) => key === 'waft.event.id').value.stringValue);
}
