/** Rules that follow the release, and time that passes: variants that were met stay, and what time changes is told. */

import type { Host, Opened } from '../client/host.js';
import { TIMED } from '../engine/packed.js';
import { later } from '../platform/deadline.js';
import { Seen, wrap } from './met.js';

/** Keeps what was met, and tells by `configurationChanged` when time alone changes a flag that was read. */
export function live(host: Host): Opened {
  const seen = new Seen(host);
  const time = new Time(host);
  wrap(
    host,
    (engine, flag, key, decide) => {
      const packed = seen.held(engine, flag, key, decide());
      if (time.isRead(flag) && packed & TIMED) time.until(engine.validUntil());
      return packed;
    },
    () => time.begin(),
  );
  host.events.on('contextChanged', () => time.compare());
  return { close: () => time.begin() };
}

/** When time changes what flags evaluate to, under one snapshot. */
class Time {
  readonly #host: Host;
  /** Flags that were read, by index. */
  #read = new Set<number>();
  #due = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** How flags evaluate until then; and whether that is being found out, which reads nothing. */
  #values: Map<string, string> | undefined;
  #isLooking = false;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Other rules: what was read of the last ones is of no use. */
  begin(): void {
    this.#read = new Set();
    this.#values = undefined;
    this.#due = Infinity;
    clearTimeout(this.#timer);
  }

  /** A flag is decided. Returns whether it was read before, or is. */
  isRead(flag: number): boolean {
    if (!this.#isLooking) this.#read.add(flag);
    return this.#read.has(flag);
  }

  /** A flag that was read may change then. */
  until(moment: number): void {
    if (moment >= this.#due || moment > (this.#host.decisions.snapshot?.expires ?? 0)) return;
    this.#due = moment;
    clearTimeout(this.#timer);
    // Timers ring early, by up to a millisecond, and cannot wait for longer than 24 days.
    this.#timer = later(() => this.#ring(), moment - Date.now() + 1);
    if (!this.#values) this.compare();
  }

  /** What flags evaluate to now is what they are compared with. Not inside a decision. */
  compare(): void {
    if (this.#due < Infinity) queueMicrotask(() => (this.#values = this.#look()));
  }

  #ring(): void {
    const moment = this.#due;
    this.#due = Infinity;
    if (Date.now() < moment) return this.until(moment);
    const before = this.#values;
    const now = this.#look();
    this.#values = now;
    const { decisions, events } = this.#host;
    const flagsChanged = [...now.keys()].filter((key) => before && before.get(key) !== now.get(key));
    const { snapshot } = decisions;
    if (snapshot && flagsChanged.length) events.emit('configurationChanged', { version: snapshot.version, flagsChanged });
  }

  #look(): Map<string, string> {
    this.#isLooking = true;
    const all = this.#host.decisions.all();
    this.#isLooking = false;
    return all;
  }
}
