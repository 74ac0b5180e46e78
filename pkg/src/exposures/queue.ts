/**
 * The queue of records: written to storage together at the end of a task, sent in batches, and removed only after a collector
 * said yes. What a dead page left behind, the next page sends. Which, when and what comes of it is decided in Rust: machine.ts.
 */

import { KEEPALIVE_BYTES, QUEUE_RECORDS, RECORD_LENGTH } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { utf8 } from '../platform/bytes.js';
import { type Answer, request } from '../platform/http.js';
import { get } from '../storage/local.js';
import { locked } from '../storage/locks.js';
import type { ExposureStatus } from '../types.js';
import { Machine, type Outcome } from './machine.js';
import { type Draft, encodeBatch, encodeRecord, type Rec, timed } from './otlp.js';
import type { Shelf } from './shelf.js';

/** Of all keys. A page removes what it cannot read: records of another form, as a later version may have, need another one. */
const PREFIX = 'waft:q:';
const JSON_TYPE = 'application/json';
/** The longest answer that is read, in bytes. */
const ANSWER = 65_536;
/** The longest delay of a timer, and the longest pause that a collector may ask for, in milliseconds. */
const LONGEST_DELAY = 2 ** 31 - 1;
const LONGEST_PAUSE = 3_600_000;

/** The most machines that may trap in a page view. */
const TRAPS = 3;

type Counts = ReturnType<Machine['counts']>;

const NOTHING: Counts = { waiting: 0, sent: 0, overflow: 0, tooLong: 0, refused: 0, rejected: 0 };

/**
 * The queue of one client. No member throws. Its times are those of `performance.now()`: a device's clock that is set back makes
 * nobody wait.
 */
export class Queue {
  readonly #endpoint: string | URL;
  readonly #project: string;
  readonly #own: string;
  readonly #shelf: Shelf;
  readonly #listening = new AbortController();
  /** Nothing once it has trapped too often. */
  #machine: Machine | undefined;
  readonly #module: WebAssembly.Module | undefined;
  #traps = 0;
  /** By their numbers: the JSON of what waits with its group, and where groups of it are stored. */
  #records = new Map<number, [text: string, group: number]>();
  #keys = new Map<number, string>();
  #written = 0;
  /** What became of records by the machine, when it was last asked, and by those that trapped. */
  #counts = NOTHING;
  #counted = NOTHING;
  /** Recorded in this task, not yet written, with its time if it has one; and how many of one task were too many. */
  #fresh: [Draft, time: number | undefined][] = [];
  #overflow = 0;
  /** Whether nothing may be stored or sent yet. */
  #paused: boolean;
  /** Whether it was looked for what gone pages left. */
  #started = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The requests in flight, by what ends them. Each has a deadline. */
  readonly #flights = new Map<AbortController, Promise<void>>();
  /** Whether what gone pages left is being taken over, and whether some of it waits until there is room. */
  #claiming = false;
  #more = false;
  #lastStatus: number | undefined;
  /** Called once nothing counts records any more: those that are stored are the next page's. */
  onStop: () => void = () => {};

  /** A queue for a project. `pageView` tells its keys from those of other pages. While it is paused, records stay in memory. */
  constructor(endpoint: string | URL, project: string, pageView: string, paused: boolean, shelf: Shelf, module?: WebAssembly.Module) {
    this.#module = module;
    this.#machine = new Machine(module);
    this.#paused = paused;
    this.#endpoint = endpoint;
    this.#project = project;
    this.#own = `${PREFIX}${pageView}:`;
    this.#shelf = shelf;
    const { signal } = this.#listening;
    const { document } = globalThis;
    globalThis.addEventListener?.('pagehide', () => this.#leave(), { signal });
    document?.addEventListener('visibilitychange', () => document.hidden && this.#leave(), { signal });
    // A page that comes back as it was left: its connections are as old as it is, and its deadlines stood still.
    globalThis.addEventListener?.('pageshow', ({ persisted }) => persisted && this.#resume(), { signal });
  }

  /** Takes over, once, what pages left that are gone. */
  start(): void {
    if (!this.#started) this.#whenShown(() => this.#claim());
    this.#started = true;
  }

  /** What waits, what became of the rest, and when it goes on. */
  status(): Omit<ExposureStatus, 'leftOut'> {
    this.#count();
    const counts = sum(this.#counts, this.#counted);
    const overflow = counts.overflow + this.#overflow;
    const waiting = this.#records.size + this.#fresh.length;
    const due = this.#due();
    const nextAttempt = due === undefined ? due : Date.now() + Math.max(0, due - performance.now());
    return { ...counts, waiting, overflow, lastStatus: this.#lastStatus, nextAttempt, storage: this.#shelf.storage };
  }

  /**
   * Takes a record. It is written in the following microtask, or once a prerendered page is shown; with that moment for its time,
   * unless it has one.
   */
  record(draft: Draft, time?: number): void {
    if (this.#records.size + this.#fresh.length >= QUEUE_RECORDS) this.#overflow++;
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
    const stored = [...this.#keys].filter(([, key]) => get(key));
    // Rather what this page recorded than what it has taken over.
    const [number, key] = stored.find(([, key]) => key.startsWith(this.#own)) ?? stored[0] ?? [];
    if (!number || !key) return false;
    const known = this.#machine;
    const drop = (machine: Machine): number[] => (machine === known ? machine.drop(number) : []);
    if (this.#forget(this.#guarded(drop) ?? [])) this.#keys.delete(number);
    this.#shelf.remove(key);
    this.#arm();
    return true;
  }

  /** Sends what waits, as when the page is left, and stops. What is refused is in storage for the next page. */
  close(): void {
    this.#leave();
    this.#listening.abort();
    this.#arm();
  }

  /** Works now, or when a prerendered page is shown: nobody has seen it before. */
  #whenShown(work: () => void): void {
    if (!prerendering()) return work();
    globalThis.document.addEventListener('prerenderingchange', work, { once: true, signal: this.#listening.signal });
  }

  /** One new key for all records of a task: rewriting a shared one takes 140-650 us, this 9-20. */
  #write(): void {
    if (!this.#fresh.length || this.#paused || prerendering()) return;
    const now = Date.now();
    const texts = this.#fresh.map(([draft, time = now]) => timed(draft, time));
    this.#fresh = [];
    const lengths = texts.map(({ length }) => length);
    const key = this.#own + ++this.#written;
    const recorded = this.#guarded((machine) => ({ numbers: machine.record(lengths, performance.now()), group: machine.group }));
    // Where nobody counts any more, the next page does.
    const taken = recorded ? texts.filter((_, index) => recorded.numbers[index]) : texts;
    if (taken.length) this.#shelf.set(key, `[${taken}]`);
    if (!taken.length || !recorded) return;
    const { numbers, group } = recorded;
    this.#keys.set(group, key);
    numbers.forEach((number, index) => number && this.#records.set(number, [texts[index] as string, group]));
    this.#arm();
  }

  /** Takes over what pages that are gone left behind, unless another page does. */
  #claim(): void {
    this.#claiming = true;
    this.#more = false;
    void locked(`waft:queue:${this.#shelf.name}`, { ifAvailable: true }, async (held) => {
      // The rest once there is room.
      for (let more = held; more && !this.#closed; more = this.#more && !this.#records.size) {
        this.#adopt(await this.#shelf.entries(PREFIX));
        await this.flush();
      }
    }).then(() => {
      this.#claiming = false;
      this.#claimMore();
    });
  }

  /** Takes over what there was no room for, once there is. */
  #claimMore(): void {
    if (this.#more && !this.#records.size && !this.#claiming && !this.#closed) this.#claim();
  }

  /** As much as there is room for. A page that still lives may send the same: ids make it one. */
  #adopt(entries: readonly [string, unknown][]): void {
    this.#more = false;
    if (this.#closed) return;
    const own = new Set(this.#keys.values());
    for (const [key, value] of entries) {
      // What this page recorded may be done since it was read.
      if (key.startsWith(this.#own) || own.has(key)) continue;
      const records = read(value);
      if (!records.length) this.#shelf.remove(key);
      else if (records.some(({ project }) => project !== this.#project)) continue;
      // A group that is larger than all the room is nobody's.
      else if (!this.#takeOver(key, records) && this.#records.size) this.#more = true;
    }
    this.#arm();
  }

  /** False if there is no room. */
  #takeOver(key: string, records: readonly Rec[]): boolean {
    const texts = records.map((record) => JSON.stringify(record));
    return this.#guarded((machine) => adopt(machine, texts, key, this.#records, this.#keys)) ?? false;
  }

  /** Works with the machine. If it traps, another one takes over what waits, and the work is done again; nothing if there is none. */
  #guarded<T>(work: (machine: Machine) => T): T | undefined {
    for (let machine; (machine = this.#machine); ) {
      try {
        return work(machine);
      } catch {
        this.#replace();
      }
    }
    return undefined;
  }

  /** Never calls the machine's instance again: it is as the trap has left it. What is in flight is sent again, and is one row by its id. */
  #replace(): void {
    this.#machine = undefined;
    [this.#counted, this.#counts] = [sum(this.#counts, this.#counted), NOTHING];
    if (++this.#traps > TRAPS) return this.onStop();
    const groups = new Map<string, string[]>();
    for (const [text, group] of this.#records.values()) {
      const key = this.#keys.get(group) ?? '';
      groups.set(key, [...(groups.get(key) ?? []), text]);
    }
    try {
      const machine = new Machine(this.#module);
      const [records, keys] = [new Map<number, [string, number]>(), new Map<number, string>()];
      for (const [key, texts] of groups) adopt(machine, texts, key, records, keys);
      [this.#machine, this.#records, this.#keys] = [machine, records, keys];
    } catch {
      this.#replace();
    }
  }

  /** What the next machine will not know. */
  #count(): void {
    this.#counts = this.#guarded((machine) => machine.counts()) ?? this.#counts;
  }

  get #closed(): boolean {
    return this.#listening.signal.aborted;
  }

  /** When to send next; nothing if nothing waits, if nothing may be sent, or while a request is in flight, whose end says more. */
  #due(): number | undefined {
    return this.#paused || this.#closed || this.#flights.size ? undefined : this.#guarded((machine) => machine.due());
  }

  /** Sees to it that what waits is sent when it is due: set anew after all that happens, and so never of what was so before. */
  #arm(): void {
    clearTimeout(this.#timer);
    this.#count();
    const due = this.#due();
    if (due === undefined) return;
    const wake = (): void => {
      void this.flush();
      // A timer may come early.
      this.#arm();
    };
    this.#timer = setTimeout(wake, Math.min(Math.max(0, Math.ceil(due - performance.now())), LONGEST_DELAY));
  }

  /** The page may end at any moment: sends what fits into one more request, without waiting for the one in flight. */
  #leave(): void {
    this.#write();
    void this.#send(true);
  }

  #resume(): void {
    for (const ending of this.#flights.keys()) ending.abort();
  }

  /** Sends the next records for which there is room, and returns when that is over; nothing if there are none, or if it is not time. */
  #send(leaving: boolean): Promise<void> | undefined {
    if (this.#paused) return undefined;
    const now = Date.now();
    const begun = this.#guarded((machine) => {
      const numbers = machine.next(performance.now(), leaving);
      const texts = numbers.map((number) => encodeRecord((this.#records.get(number) as [string, number])[0], now));
      const [request, count] = machine.begin(texts.map((text) => utf8(text).length));
      return { machine, numbers, texts, request, count };
    });
    if (!begun?.count) return undefined;
    const { numbers, texts, request, count } = begun;
    const body = utf8(encodeBatch(this.#project, texts.slice(0, count)));
    const ending = new AbortController();
    const flight = this.#post(body, ending, leaving).then((outcome) => {
      this.#flights.delete(ending);
      this.#lastStatus = outcome.status;
      // Another machine knows of no such request.
      const settle = (machine: Machine): number[] | undefined =>
        machine === begun.machine ? machine.settle(request, outcome, performance.now(), Math.random()) : undefined;
      const done = this.#guarded(settle);
      if (done) {
        this.#forget(numbers.slice(0, count));
        for (const group of done) this.#remove(group);
      }
      this.#arm();
      this.#claimMore();
    });
    this.#flights.set(ending, flight);
    this.#arm();
    return flight;
  }

  /** What comes of a request. */
  async #post(body: Uint8Array<ArrayBuffer>, ending: AbortController, leaving: boolean): Promise<Outcome> {
    try {
      const init: RequestInit = {
        method: 'POST',
        body,
        headers: { 'content-type': JSON_TYPE },
        keepalive: body.length <= KEEPALIVE_BYTES,
        // The page's address may say more of a visitor than records do. A beacon cannot be told so.
        referrerPolicy: 'no-referrer',
      };
      return outcomeOf(await request(this.#endpoint, init, ANSWER, ending));
    } catch {
      // Neither is a yes: what a beacon may have carried is sent again by the next page, and is one row by its id.
      if (leaving && !ending.signal.aborted) beacon(this.#endpoint, body);
      return { status: 0, readable: false, rejected: 0, wait: 0 };
    }
  }

  /** How many records are forgotten. */
  #forget(numbers: readonly number[]): number {
    for (const number of numbers) this.#records.delete(number);
    return numbers.length;
  }

  /** Forgets a group of which nothing is left. */
  #remove(group: number): void {
    this.#shelf.remove(this.#keys.get(group) ?? '');
    this.#keys.delete(group);
  }
}

/** Takes over the records of a stored group: false if there is no room. */
function adopt(
  machine: Machine,
  texts: readonly string[],
  key: string,
  records: Map<number, [text: string, group: number]>,
  keys: Map<number, string>,
): boolean {
  const first = machine.adopt(texts.length, performance.now());
  if (!first) return false;
  const { group } = machine;
  keys.set(group, key);
  texts.forEach((text, index) => records.set(first + index, [text, group]));
  return true;
}

function sum(one: Counts, other: Counts): Counts {
  const names = Object.keys(NOTHING) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as Counts;
}

/** Works in the following microtask. Chromium's `queueMicrotask` takes ten times as long as a promise's. */
export function soon(work: () => void): void {
  void Promise.resolve().then(work);
}

/** Whether nobody has seen the page yet. */
function prerendering(): boolean {
  return !!(globalThis.document as { prerendering?: boolean } | undefined)?.prerendering;
}

/**
 * The records in a value; none if it is no text of some. Others may write under our keys, and a collector may refuse a whole request
 * for one of its records: what is none of ours is left out.
 */
function read(value: unknown): Rec[] {
  return attempt(() => (JSON.parse(value as string) as unknown[]).filter(isRecord)) ?? [];
}

function isRecord(value: unknown): value is Rec {
  return !!attempt(() => {
    const { project, event, time, attributes } = value as Rec;
    const values = Object.values(attributes);
    return (
      typeof project === 'string' &&
      (event === 'feature_flag.evaluation' || event === 'waft.track') &&
      Number.isSafeInteger(time) &&
      time > 0 &&
      Object.getPrototypeOf(attributes) === Object.prototype &&
      values.length > 0 &&
      values.every((value) => typeof value === 'string' || Number.isFinite(value)) &&
      JSON.stringify(value).length <= RECORD_LENGTH
    );
  });
}

/** What an answer says. */
function outcomeOf({ status, headers, bytes }: Answer): Outcome {
  // Empty or JSON: a page in HTML is not a collector's yes, whatever its status.
  const said = attempt(() => JSON.parse(new TextDecoder().decode(bytes) || '{}'));
  const rejected = Math.max(0, said?.partialSuccess?.rejectedLogRecords) || 0;
  return { status, readable: !!said, rejected, wait: retryAfter(headers.get('retry-after')) };
}

/** For how long a `Retry-After` asks to wait, in milliseconds. */
function retryAfter(header: string | null): number {
  const wait = 1_000 * Number(header) || Date.parse(header ?? '') - Date.now() || 0;
  return Math.max(0, Math.min(wait, LONGEST_PAUSE));
}

function beacon(endpoint: string | URL, body: BlobPart): void {
  attempt(() => navigator.sendBeacon(endpoint, new Blob([body], { type: JSON_TYPE })));
}
