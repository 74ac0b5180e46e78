/**
 * The queue of records: written to storage together at the end of a task, sent in batches, and removed only after a collector
 * said yes. What a dead page left behind, the next page sends.
 */

import { attempt } from './attempt.js';
import { utf8 } from './context.js';
import { type Answer, request } from './http.js';
import { type Draft, encodeBatch, encodeRecord, type Rec } from './otlp.js';
import { get, keys, locked, remove, set } from './storage.js';

/** Records of one task, stored under one key until all of them are done. */
interface Group {
  readonly key: string;
  left: number;
}

interface Item {
  readonly record: Rec;
  readonly group: Group;
  sending: boolean;
}

/** What a collector's answer means for a batch. */
type Verdict = 'done' | 'drop' | 'split' | 'retry' | 'slow';

/** That, how many records of the batch the collector rejected for good, and how many seconds to wait. */
type Reading = [Verdict, number, number];

const PREFIX = 'waft:q:';
const JSON_TYPE = 'application/json';
/** The most records that wait; more are dropped and counted. */
const MOST = 1_000;
/** The most records of one batch, and how soon after a record one is sent, in milliseconds. */
const BATCH = 50;
const SOON = 2_000;
/** The most bytes in flight: browsers let 64 KiB outlive the page. */
const BYTES = 60_000;
/** A record longer than this is dropped; with its units and names an exposure has about 1,500. In UTF-16 units. */
const LONGEST = 16_384;
/** The longest answer that is read, in bytes. */
const ANSWER = 65_536;

/** The queue of one client. No member throws. */
export class Queue {
  readonly #endpoint: string;
  readonly #project: string;
  readonly #own: string;
  readonly #listening = new AbortController();
  #items: Item[] = [];
  /** Recorded in this task, not yet written. */
  #fresh: Draft[] = [];
  #groups = 0;
  #batch = BATCH;
  #inFlight = 0;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = 0;
  #notBefore = 0;
  #draining: Promise<void> | undefined;
  sent = 0;
  dropped = 0;

  /** A queue for a project. `pageView` tells its keys from those of other pages. */
  constructor(endpoint: string, project: string, pageView: string) {
    this.#endpoint = endpoint;
    this.#project = project;
    this.#own = PREFIX + pageView;
    const { signal } = this.#listening;
    const { document } = globalThis;
    globalThis.addEventListener?.('pagehide', () => this.#leave(), { signal });
    document?.addEventListener('visibilitychange', () => document.hidden && this.#leave(), { signal });
    this.#whenShown(() => void locked('waft:queue', { ifAvailable: true }, (held) => held && this.#adopt()));
  }

  /** How many records wait. */
  get queued(): number {
    return this.#items.length + this.#fresh.length;
  }

  /** Takes a record. It is written, with its time, in the following microtask, or once a prerendered page is shown. */
  record(draft: Draft): void {
    if (this.queued >= MOST) this.dropped++;
    else if (this.#fresh.push(draft) === 1) this.#whenShown(() => queueMicrotask(() => this.#write()));
  }

  /** Sends what waits. Resolves once all of it is done, or one batch has to wait. */
  flush(): Promise<void> {
    this.#write();
    return (this.#draining ??= this.#drain().finally(() => (this.#draining = undefined)));
  }

  /** Sends what waits, as when the page is left, and stops. What is refused is in storage for the next page. */
  close(): void {
    this.#leave();
    this.#listening.abort();
    clearTimeout(this.#timer);
  }

  /** Works now, or when a prerendered page is shown: nobody has seen it before. */
  #whenShown(work: () => void): void {
    if (!prerendering()) return work();
    globalThis.document.addEventListener('prerenderingchange', work, { once: true, signal: this.#listening.signal });
  }

  /** One new key for all records of a task: rewriting a shared one takes 140-650 us, this 9-20. */
  #write(): void {
    if (!this.#fresh.length || prerendering()) return;
    const time = Date.now();
    const records = this.#fresh.map((draft) => ({ ...draft, time }));
    const texts = records.map((record) => JSON.stringify(record));
    this.#fresh = [];
    const kept = records.filter((_, index) => (texts[index]?.length ?? 0) <= LONGEST);
    this.dropped += records.length - kept.length;
    const key = `${this.#own}:${this.#groups++}`;
    if (kept.length) set(key, `[${texts.filter((text) => text.length <= LONGEST)}]`);
    this.#add(key, kept);
  }

  #add(key: string, records: readonly Rec[]): void {
    const group = { key, left: records.length };
    for (const record of records) this.#items.push({ record, group, sending: false });
    this.#schedule(this.#items.length < this.#batch ? SOON : 0);
  }

  /** Takes over what pages that are gone left behind. Another page that still lives may send the same: ids make it one. */
  #adopt(): Promise<void> | undefined {
    for (const key of keys(PREFIX)) {
      if (key.startsWith(this.#own)) continue;
      const records = read(key);
      if (!records?.length) remove(key);
      else if (records.some(({ project }) => project !== this.#project)) continue;
      else if (this.queued + records.length <= MOST) this.#add(key, records);
    }
    return this.#items.length ? this.flush() : undefined;
  }

  /** Sees to it that what waits is sent so many milliseconds from now, or when that was said before, or after a back-off. */
  #schedule(delay: number): void {
    const now = Date.now();
    const due = Math.max(now + delay, this.#notBefore);
    if (this.#listening.signal.aborted || (this.#timer && this.#due <= due)) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => void this.flush(), due - now);
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (await this.#send(false));
  }

  /** The page may end at any moment: sends what fits into one more request, without waiting for the one in flight. */
  #leave(): void {
    this.#write();
    void this.#send(true);
  }

  /** Sends the next items for which there is room; true if more may follow at once. */
  async #send(leaving: boolean): Promise<boolean> {
    const now = Date.now();
    const [batch, texts] = this.#take(now);
    if (!batch.length) return false;
    const body = utf8(encodeBatch(this.#project, texts));
    this.#inFlight += body.length;
    let [verdict, rejected, wait]: Reading = ['retry', 0, 0];
    try {
      const init = { method: 'POST', body, headers: { 'content-type': JSON_TYPE }, keepalive: body.length <= BYTES };
      [verdict, rejected, wait] = readAnswer(await request(this.#endpoint, init, ANSWER));
    } catch {
      // Neither is a yes: what a beacon may have carried is sent again by the next page, and is one row by its id.
      if (leaving) beacon(this.#endpoint, body);
    }
    this.#inFlight -= body.length;
    return this.#settle(batch, verdict, Math.min(rejected, batch.length), wait);
  }

  /** The next items for which there is room, and their log records. */
  #take(now: number): [Item[], string[]] {
    const batch: Item[] = [];
    const texts: string[] = [];
    // 500 for the frame of a batch.
    let room = BYTES - 500 - this.#inFlight;
    for (const item of this.#items) {
      if (item.sending) continue;
      const text = encodeRecord(item.record, now);
      room -= utf8(text).length + 1;
      // One that is larger than all the room goes alone.
      if (batch.length >= this.#batch || (room < 0 && (batch.length || this.#inFlight))) break;
      item.sending = true;
      batch.push(item);
      texts.push(text);
    }
    return [batch, texts];
  }

  #settle(batch: readonly Item[], verdict: Verdict, rejected: number, wait: number): boolean {
    for (const item of batch) item.sending = false;
    if (verdict === 'split' && batch.length === 1) verdict = 'drop';
    if (verdict === 'split') {
      this.#batch = batch.length >> 1;
    } else if (verdict === 'done' || verdict === 'drop') {
      const lost = verdict === 'drop' ? batch.length : rejected;
      this.dropped += lost;
      this.sent += batch.length - lost;
      this.#failures = this.#notBefore = 0;
      const done = new Set(batch);
      this.#items = this.#items.filter((item) => !done.has(item));
      for (const { group } of batch) if (--group.left === 0) remove(group.key);
    } else {
      // 1 s, 2 s, 4 s ... 5 min, each within a half, so that pages do not come back together.
      const delay = Math.min(2 ** this.#failures++, 300) * (0.5 + Math.random());
      this.#notBefore = Date.now() + 1_000 * Math.max(delay, wait, verdict === 'slow' ? 60 : 0);
    }
    if (this.#items.length) this.#schedule(SOON);
    return !this.#notBefore;
  }
}

/** Whether nobody has seen the page yet. */
function prerendering(): boolean {
  return !!(globalThis.document as { prerendering?: boolean } | undefined)?.prerendering;
}

/** The records under a key, if that is what is there. */
function read(key: string): Rec[] | undefined {
  return attempt(() => {
    const records: Rec[] = JSON.parse(get(key));
    return records.every(({ event, time, attributes }) => event && time && attributes) ? records : undefined;
  });
}

/** What an answer means. */
function readAnswer({ status, headers, bytes }: Answer): Reading {
  if (status === 400 || status === 422) return ['drop', 0, 0];
  if (status === 413) return ['split', 0, 0];
  const wait = retryAfter(headers.get('retry-after'));
  if (status === 429 || status >= 500) return ['retry', 0, wait];
  // Empty or JSON: a page in HTML is not a collector's yes, whatever its status.
  const said = attempt(() => JSON.parse(new TextDecoder().decode(bytes) || '{}'));
  if (!said || status < 200 || status > 299) return ['slow', 0, wait];
  return ['done', Math.max(0, said.partialSuccess?.rejectedLogRecords) || 0, 0];
}

/** The seconds that a `Retry-After` asks for, at most an hour. */
function retryAfter(header: string | null): number {
  const seconds = Number(header) || (Date.parse(header ?? '') - Date.now()) / 1_000 || 0;
  return Math.min(seconds, 3_600);
}

function beacon(endpoint: string, body: BlobPart): void {
  attempt(() => navigator.sendBeacon(endpoint, new Blob([body], { type: JSON_TYPE })));
}
