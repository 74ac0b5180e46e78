/** What waits to be sent: which records go next and when, and what an answer makes of them. It has no clock, no storage and no network. */

import { KEEPALIVE_BYTES } from '../limits.js';
import { utf8 } from '../platform/bytes.js';
import type { Outcome } from './post.js';

/** The most records of a request, and for how long one waits for others, in milliseconds. */
const BATCH = 50;
const SOON = 2_000;
/** The most requests in flight: as many of {@link KEEPALIVE_BYTES} in all outlive a page. */
const REQUESTS = 9;
/** What a request has around its records, in bytes at most, and behind each. */
const FRAME = 500;
const COMMA = 1;
/** The first pause between two attempts, the longest, and the shortest after an answer that only people can change, in milliseconds. */
const FIRST = 1_000;
const PAUSE = 300_000;
const SLOW = 60_000;

interface Waiting {
  /** Its JSON. */
  readonly text: string;
  /** Under which it is stored, with the others of its group. */
  readonly key: string;
  /** When it was taken. */
  readonly time: number;
  inFlight: boolean;
}

/** The records of a request. */
export interface Batch {
  readonly records: readonly Waiting[];
  /** Each as it is sent. */
  readonly texts: readonly string[];
  readonly bytes: number;
}

/** The records of one client. Times are milliseconds of one clock, whatever it counts from. */
export class Backlog {
  /** First what was taken first, those in flight included. */
  records: Waiting[] = [];
  /** What became of others, and how many parts of events were left out. */
  readonly counts = { sent: 0, overflow: 0, tooLong: 0, refused: 0, rejected: 0, leftOut: 0 };
  readonly #flights = new Set<Batch>();
  /** How often 413 halved the size of a request: 5 times at most, which leaves one record. */
  #halved = 0;
  /** The last pause, which doubles; 0 after a success. */
  #pause = 0;
  #notBefore = 0;

  /** The keys of what waits, oldest first. */
  get keys(): Set<string> {
    return keysOf(this.records);
  }

  /** How many records a request may have. */
  get #most(): number {
    return BATCH >> this.#halved;
  }

  /** The next of which none is in flight, as many as a request may have. Not by `filter`: 1,000 may wait. */
  get #next(): Waiting[] {
    const next: Waiting[] = [];
    for (const record of this.records) {
      if (next.length === this.#most) break;
      if (!record.inFlight) next.push(record);
    }
    return next;
  }

  /** Takes a group of records: new ones, or what a page left behind that is gone. */
  take(texts: readonly string[], key: string, time: number): void {
    for (const text of texts) this.records.push({ text, key, time, inFlight: false });
  }

  /** Gives up a group, for want of room, unless some of it is in flight. */
  drop(group: string): void {
    const records = this.records.filter(({ key }) => key === group);
    if (records.some(({ inFlight }) => inFlight)) return;
    this.counts.overflow += records.length;
    this.#forget(records);
  }

  /** When to send next, if nothing else happens; `undefined` if nothing waits but what is in flight. Never before the last pause is over. */
  due(): number | undefined {
    const next = this.#next;
    const [first] = next;
    return first && Math.max(this.#notBefore, next[this.#most - 1]?.time ?? first.time + SOON);
  }

  /**
   * Begins a request with the next records for which there is room, each as `encode` writes it. `undefined` if there are none, or while it
   * is not time: a page that is `leaving` waits for nothing.
   */
  begin(now: number, leaving: boolean, encode: (text: string) => string): Batch | undefined {
    const flights = this.#flights;
    if (flights.size >= (leaving ? REQUESTS : 1) || (!leaving && now < this.#notBefore)) return undefined;
    let room = KEEPALIVE_BYTES;
    for (const { bytes } of flights) room -= bytes;
    let bytes = FRAME;
    const texts: string[] = [];
    const next = this.#next;
    for (const { text } of next) {
      const encoded = encode(text);
      const more = bytes + utf8(encoded).length + COMMA;
      // One that is larger than all the room goes alone.
      if (more > room && (texts.length || flights.size)) break;
      texts.push(encoded);
      bytes = more;
    }
    if (!texts.length) return undefined;
    const records = next.slice(0, texts.length);
    for (const record of records) record.inFlight = true;
    const batch = { records, texts, bytes };
    flights.add(batch);
    return batch;
  }

  /** Takes what came of a request. `random` is at least 0 and below 1. Returns the keys of which nothing is left. */
  settle(batch: Batch, { status, readable, rejected, wait }: Outcome, now: number, random: number): Set<string> {
    const { counts } = this;
    const { records } = batch;
    const count = records.length;
    this.#flights.delete(batch);
    for (const record of records) record.inFlight = false;
    const isDone = readable && status >= 200 && status < 300;
    if (isDone || status === 400 || status === 422 || (status === 413 && count < 2)) {
      if (isDone) {
        rejected = Math.min(rejected, count);
        counts.rejected += rejected;
        counts.sent += count - rejected;
        // As much again as a collector has shown to take.
        this.#halved = Math.max(0, this.#halved - 1);
      } else counts.refused += count;
      this.#pause = this.#notBefore = 0;
      return this.#forget(records);
    }
    if (status === 413) {
      // Of a smaller request than would be made now, it says nothing new.
      while (this.#most >= count) this.#halved++;
    } else {
      const isSlow = status && status !== 429 && status < 500;
      // 1 s, 2 s, 4 s ... each within a half, so that pages do not come back together.
      this.#pause = Math.min(Math.max(FIRST, 2 * this.#pause), PAUSE);
      this.#notBefore = now + Math.max(this.#pause * (0.5 + random), wait, isSlow ? SLOW : 0);
    }
    return new Set();
  }

  /** Forgets records. Returns the keys of which nothing is left. */
  #forget(records: readonly Waiting[]): Set<string> {
    const done = keysOf(records);
    this.records = this.records.filter((record) => !records.includes(record));
    for (const { key } of this.records) done.delete(key);
    return done;
  }
}

function keysOf(records: readonly Waiting[]): Set<string> {
  return new Set(records.map(({ key }) => key));
}
