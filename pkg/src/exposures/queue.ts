/**
 * The queue of records: written to storage together at the end of a task, sent in batches, and removed only after a collector
 * said yes. What a dead page left behind, the next page sends. Which, when and what comes of it is decided in backlog.ts.
 */

import { QUEUE_RECORDS, RECORD_LENGTH } from '../limits.js';
import { utf8 } from '../platform/bytes.js';
import { later } from '../platform/deadline.js';
import { Listening } from '../platform/listening.js';
import { get } from '../storage/local.js';
import { locked } from '../storage/locks.js';
import type { ExposureStatus } from '../types.js';
import { Backlog } from './backlog.js';
import { type Draft, encodeBatch, encodeRecord, timed } from './otlp.js';
import { post } from './post.js';
import type { Shelf } from './shelf.js';
import { recordsIn } from './stored.js';

/** Of all keys. A page removes what it cannot read: records of another form, as a later version may have, need another one. */
const PREFIX = 'waft:q:';

/** To look for what closed pages left takes a phone 6 ms: not before the first flag. In milliseconds. */
const CLAIM = 200;

/**
 * The queue of one client. No member throws. Its times are those of `performance.now()`: a device's clock that is set back makes
 * nobody wait.
 */
export class Queue {
  readonly #endpoint: string | URL;
  readonly #project: string;
  readonly #own: string;
  readonly #shelf: Shelf;
  readonly #listening = new Listening();
  readonly #backlog = new Backlog();
  #written = 0;
  /** Recorded in this task, not yet written, with its time if it has one. */
  #fresh: [() => Draft, time: number | undefined][] = [];
  /** Above 0 once it hears that the page is left. */
  #hears = 0;
  /** Whether nothing may be stored or sent yet. */
  #paused: boolean;
  /** When what closed pages left is looked for, or was. */
  #start: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The requests in flight, by what ends them. Each has a deadline. */
  readonly #flights = new Map<AbortController, Promise<void>>();
  /** Whether what closed pages left is being taken over, and whether some of it waits until there is room. */
  #claiming = false;
  #more = false;
  #lastStatus: number | undefined;
  /** What became of records. */
  readonly counts = this.#backlog.counts;

  /** A queue for a project. `pageView` tells its keys from those of other pages. While it is paused, records stay in memory. */
  constructor(endpoint: string | URL, project: string, pageView: string, paused: boolean, shelf: Shelf) {
    this.#paused = paused;
    this.#endpoint = endpoint;
    this.#project = project;
    this.#own = `${PREFIX}${pageView}:`;
    this.#shelf = shelf;
  }

  /** Takes over, once and soon, what pages left that are gone; not any more, if it is not wanted until then. */
  start(isWanted: boolean): void {
    if (isWanted) this.#start ??= later(() => this.#whenShown(() => this.#start && this.#claim()), CLAIM);
    else this.#start = clearTimeout(this.#start) as undefined;
  }

  /** What waits, what became of the rest, and when the next request is due. */
  status(): ExposureStatus {
    const due = this.#due();
    const nextAttempt = due === undefined ? due : Date.now() + Math.max(0, due - performance.now());
    return { waiting: this.#waiting, ...this.counts, lastStatus: this.#lastStatus, nextAttempt, storage: this.#shelf.storage };
  }

  get #waiting(): number {
    return this.#backlog.records.length + this.#fresh.length;
  }

  /**
   * Takes a record. It is written in the following microtask, or once a prerendered page is shown; with that moment for its time,
   * unless it has one: what waits for consent keeps the time at which it happened.
   */
  record(draft: () => Draft, time = this.#paused ? Date.now() : undefined): void {
    if (this.#waiting >= QUEUE_RECORDS) this.counts.overflow++;
    else if (this.#fresh.push([draft, time]) === 1) this.#whenShown(() => soon(() => this.#write()));
  }

  /** What was recorded while the queue was paused is written once it is not. */
  set paused(paused: boolean) {
    this.#write();
    this.#paused = paused;
    this.#write();
    this.#arm();
  }

  /** Forgets what was recorded while the queue is paused. */
  forget(): void {
    if (this.#paused) this.#fresh = [];
  }

  /** Sends what waits. Resolves once all of it is done, or one batch has to wait; and what is left is stored. */
  async flush(): Promise<void> {
    this.#write();
    for (let flight; (flight = this.#send(false) ?? [...this.#flights.values()][0]); ) await flight;
    await this.#shelf.settled();
  }

  /**
   * Gives up the oldest group that is stored, for what is worth more than it: counted as overflow, unless it is in flight, when it is in
   * memory alone until its answer is there. False if there is none.
   */
  makeRoom(): boolean {
    // One that is not in localStorage takes no room there.
    const stored = [...this.#backlog.keys].filter(get);
    // Rather what this page recorded than what it has taken over.
    const key = stored.find((key) => key.startsWith(this.#own)) ?? stored[0];
    if (!key) return false;
    this.#backlog.drop(key);
    this.#shelf.remove(key);
    this.#arm();
    return true;
  }

  /** Sends what waits, as when the page is left, and stops. What is refused is in storage for the next page. */
  close(): void {
    this.start(false);
    this.#leave();
    this.#listening.end();
    this.#arm();
  }

  /** Works now, or when a prerendered page is shown: nobody has seen it before. */
  #whenShown(work: () => void): void {
    if (!prerendering()) return work();
    this.#listening.to(globalThis.document, 'prerenderingchange', work);
  }

  /** One new key for all records of a task: rewriting a shared one takes 140-650 us, this 9-20. */
  #write(): void {
    if (!this.#fresh.length || this.#paused || prerendering()) return;
    const now = Date.now();
    const texts = this.#fresh.map(([draft, time = now]) => timed(draft(), time)).filter((text) => text.length <= RECORD_LENGTH);
    this.counts.tooLong += this.#fresh.length - texts.length;
    this.#fresh = [];
    const key = this.#own + ++this.#written;
    if (texts.length) {
      this.#backlog.take(texts, key, performance.now());
      this.#shelf.set(key, `[${texts}]`);
    }
    this.#arm();
  }

  /** Takes over what pages that are gone left behind, unless another page does. */
  #claim(): void {
    this.#claiming = true;
    this.#more = false;
    void locked(`waft:queue:${this.#shelf.name}`, { ifAvailable: true }, async (held) => {
      if (!held || this.#closed) return;
      this.#adopt(await this.#shelf.entries(PREFIX));
      await this.flush();
    }).then(() => {
      this.#claiming = false;
      this.#claimMore();
    });
  }

  /** Takes over what there was no room for, once there is. */
  #claimMore(): void {
    if (this.#more && !this.#waiting && !this.#claiming && !this.#closed) this.#claim();
  }

  /** As much as there is room for. A page that still lives may send the same: ids make it one. */
  #adopt(entries: readonly [string, unknown][]): void {
    this.#more = false;
    if (this.#closed) return;
    const own = this.#backlog.keys;
    for (const [key, value] of entries) {
      // What this page recorded may be done since it was read.
      if (key.startsWith(this.#own) || own.has(key)) continue;
      const found = recordsIn(value);
      if (!found.length) this.#shelf.remove(key);
      else if (found.some(({ project }) => project !== this.#project)) continue;
      else {
        const texts = found.map((record) => JSON.stringify(record));
        // What is recorded and not yet written has its room. A group that is larger than all the room is nobody's.
        if (texts.length <= QUEUE_RECORDS - this.#waiting) this.#backlog.take(texts, key, performance.now());
        else if (this.#waiting) this.#more = true;
      }
    }
    this.#arm();
  }

  get #closed(): boolean {
    return this.#listening.isOver;
  }

  /** When to send next; `undefined` if nothing waits or may be sent, or while a request is in flight, whose end says more. */
  #due(): number | undefined {
    return this.#paused || this.#closed || this.#flights.size ? undefined : this.#backlog.due();
  }

  /** Sees to it that what waits is sent when it is due: set anew after all that happens, and so never of what was so before. */
  #arm(): void {
    clearTimeout(this.#timer);
    const due = this.#due();
    if (due === undefined) return;
    // From now on there is something to send when the page is left: not before the first flag, as to listen takes a phone 2 ms.
    if (!this.#hears++) {
      const { document } = globalThis;
      this.#listening.to(document, 'visibilitychange', () => document.hidden && this.#leave());
      this.#listening.to(globalThis, 'pagehide', () => this.#leave());
      // A page that comes back as it was left: its connections are as old as it is, and its deadlines stood still.
      this.#listening.to(globalThis, 'pageshow', (event) => (event as PageTransitionEvent).persisted && this.#resume());
    }
    const wake = (): void => {
      void this.flush();
      // A timer may come early.
      this.#arm();
    };
    this.#timer = setTimeout(wake, Math.ceil(due - performance.now()));
  }

  /** The page may end at any moment: sends what fits into one more request, without waiting for the one in flight. */
  #leave(): void {
    this.#write();
    void this.#send(true);
  }

  #resume(): void {
    for (const ending of this.#flights.keys()) ending.abort();
  }

  /** Sends the next records for which there is room, and resolves once that is done; `undefined` if there are none, or if it is not time. */
  #send(leaving: boolean): Promise<void> | undefined {
    if (this.#paused) return undefined;
    const now = Date.now();
    const batch = this.#backlog.begin(performance.now(), leaving, (text) => encodeRecord(text, now));
    if (!batch) return undefined;
    const body = utf8(encodeBatch(this.#project, batch.texts));
    const ending = new AbortController();
    const flight = post(this.#endpoint, body, ending, leaving).then((outcome) => {
      this.#flights.delete(ending);
      this.#lastStatus = outcome.status;
      for (const key of this.#backlog.settle(batch, outcome, performance.now(), Math.random())) this.#shelf.remove(key);
      this.#arm();
      this.#claimMore();
    });
    this.#flights.set(ending, flight);
    this.#arm();
    return flight;
  }
}

/** Works in the following microtask. Chromium's `queueMicrotask` takes ten times as long as a promise's. */
export function soon(work: () => void): void {
  void Promise.resolve().then(work);
}

/** Whether nobody has seen the page yet. */
function prerendering(): boolean {
  return !!(globalThis.document as { prerendering?: boolean } | undefined)?.prerendering;
}
