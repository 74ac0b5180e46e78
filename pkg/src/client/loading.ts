/** Loads snapshots, the engine and list files, adopts them, and tells what becomes of them. */

import type { Code } from '../codes.js';
import type { Decisions } from '../engine/decisions.js';
import type { Recorder } from '../exposures/recorder.js';
import { SNAPSHOT_BYTES } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { inTime, later } from '../platform/deadline.js';
import { bytesOf, isUrl } from '../platform/realm.js';
import { get } from '../storage/local.js';
import type { SeenStore } from '../storage/seen.js';
import type { Adoption, ClientEvents, Snapshot, SnapshotSource, Status } from '../types.js';
import { ask, type Fetched } from './ask.js';
import { type Events, errorOf, type Refusal } from './events.js';
import type { HeadTaker, Opened } from './host.js';
import { Lists } from './lists.js';

/** What one client loads. */
export class Loading {
  readonly #open: () => Promise<void>;
  readonly #decisions: Decisions;
  readonly #store: SeenStore;
  readonly #events: Events;
  readonly #stickyKey: string;
  #opening: Promise<unknown> | undefined;
  #ready = false;
  #closed = false;
  #expiry: ReturnType<typeof setTimeout> | undefined;
  /** Where list files are: beside the last snapshot that came from a URL. */
  #base: URL | string | undefined = globalThis.document?.baseURI ?? globalThis.location?.href;
  /** Why the last snapshot was refused. */
  #refusal: Refusal | undefined;
  readonly #lists: Lists;
  /** When the last adoption began, in milliseconds since 1970. */
  began = 0;
  /** Why the engine could not be loaded, or which field of the trust cannot be read. */
  cause: Pick<Refusal, 'cause'> | undefined;
  /** Nothing where nothing is recorded. */
  recorder: Recorder | undefined;
  /** The last address that was asked for a snapshot. */
  asked: string | URL | undefined;
  /** What takes heads; nothing where the page brings none. */
  head: HeadTaker | undefined;
  /** What extends the client, the recorder included. */
  readonly plugs: Opened[] = [];
  /** Asks for a file. */
  readonly ask = ask;

  /** `open` loads the engine. */
  constructor(open: () => Promise<void>, decisions: Decisions, store: SeenStore, events: Events, stickyKey: string) {
    this.#open = open;
    this.#decisions = decisions;
    this.#store = store;
    this.#events = events;
    this.#stickyKey = stickyKey;
    this.#lists = new Lists(decisions, events);
    store.makeRoom = () => !!this.recorder?.queue.makeRoom();
    decisions.onWanted = () => void this.#fetchLists();
  }

  /** Opens what extends the client, for an option. What throws is none, which is told. */
  plug(option: string, open: () => object): void {
    const opened = attempt(open);
    const code = 'INVALID_OPTION';
    this.plugs.push(opened ?? { error: { code, message: `${code}: ${option}` } });
    if (option === 'exposures') this.recorder = opened as Recorder;
  }

  /**
   * Loads the first snapshot, for at most `timeout` milliseconds: what is kept is made active then, or at once if there is no need to be
   * fresh, until the snapshot comes.
   */
  async start(source: SnapshotSource, timeout: number, isFresh: boolean): Promise<void> {
    const early = async (): Promise<unknown> => {
      const loaded = this.#store.good ? undefined : this.load(source);
      await (this.#opening ??= this.#open());
      // What was late at the timeout stays so until rules come.
      this.fallBack(this.#decisions.code);
      if (!this.#decisions.snapshot) return loaded ?? this.load(source);
      // To ask takes a phone 10 ms, for which no flag waits.
      if (!loaded) setTimeout(() => this.#closed || this.load(source));
      return undefined;
    };
    await inTime(isFresh ? this.load(source) : early(), timeout).catch(() => this.fallBack(this.#decisions.obstacle ?? 'UNREACHABLE'));
  }

  /**
   * Loads a snapshot, and the engine where that was not done, and adopts it. If no snapshot is active, tries the last good one. Bytes are the
   * page's own, unless told otherwise.
   */
  async load(source: SnapshotSource, isOwn = !isUrl(source)): Promise<Adoption> {
    const decisions = this.#decisions;
    if (isUrl(source)) {
      this.asked = source;
      this.#base = attempt(() => new URL(source, this.#base)) ?? this.#base;
    }
    const head = (): Promise<void> | false | undefined => isUrl(source) && this.head?.load(source);
    const heading = head();
    const [fetched] = await Promise.all([
      // First, as the engine's code takes a phone 10 ms to unpack.
      isUrl(source) ? ask(source, SNAPSHOT_BYTES) : given(source),
      decisions.wasm ?? (this.#opening = this.#open()),
    ]);
    // What takes heads is opened while the first snapshot is on its way.
    await (heading || head());
    await this.head?.prepare(fetched.bytes);
    if (this.#closed) return { ok: false, code: 'GENERAL' };
    const code = this.#settle(fetched, isOwn);
    if (code) return { ok: false, code };
    // Lists that are to be there first.
    const lists = this.#fetchLists();
    if (lists) await inTime(lists).catch(() => {});
    // It may have trapped meanwhile.
    if (decisions.snapshot) return { ok: true, version: decisions.snapshot.version };
    return { ok: false, code: decisions.code ?? 'GENERAL' };
  }

  /** The first snapshot at once, with an engine that is there: lists come later. */
  startNow(source: SnapshotSource, isOwn = true): void {
    this.#settle(given(source), isOwn);
    void this.#fetchLists();
  }

  /** Adopts what was fetched, or tells why not and tries the last good one. */
  #settle({ bytes, ...fetched }: Fetched, isOwn: boolean): Code | undefined {
    const { obstacle } = this.#decisions;
    const code = obstacle ?? (bytes ? this.#adopt(bytes, isOwn) : fetched.code);
    // What a head, or a trust document, does to a snapshot that came is told with its own address.
    const headed = bytes && this.head?.error;
    const refusal = code && (headed?.code === code ? headed : { ...(obstacle ? this.cause : fetched), code });
    this.#refusal = refusal;
    if (!refusal) return undefined;
    this.fallBack(code);
    this.#events.tell(refusal);
    return code;
  }

  /** The first thing that is wrong, as an `error` event tells it. */
  get error(): ClientEvents['error'] | undefined {
    return this.#error ?? this.plugs.find(({ notice }) => notice)?.notice ?? this.#lists.error;
  }

  /** How the client is. */
  status(): Status {
    const missing = this.#lists.missing.size;
    const status = {
      queued: 0,
      sent: 0,
      dropped: 0,
      ...this.#error,
      ...(!this.#store.isKept && { versionKept: false }),
      ...(missing && { missingLists: missing }),
    };
    for (const plug of this.plugs) Object.assign(status, plug.facts?.());
    return status as Status;
  }

  /** Nothing is loaded, recorded or told from now on. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#expiry);
    for (const plug of this.plugs) plug.close?.();
  }

  /** Where no snapshot is active, tries the last good one of earlier page views. `code` is why none is, if that fails. */
  fallBack(code?: Code): void {
    const decisions = this.#decisions;
    if (this.#closed || decisions.snapshot) return;
    this.#adopt(this.#store.kept());
    if (!decisions.snapshot) decisions.code = code;
  }

  /** Adopts bytes, and tells everybody concerned. */
  #adopt(bytes: Uint8Array, isOwn?: boolean): Code | undefined {
    const decisions = this.#decisions;
    this.began = Date.now();
    // Where the visitor is asked, the recorder reads nothing before they consent.
    decisions.sticky = this.recorder ? this.recorder.sticky.lines : get(this.#stickyKey);
    const events = this.#events;
    const before = decisions.snapshot;
    const values = before && events.has('configurationChanged') && decisions.all();
    const code = decisions.adopt(bytes, this.#store.highest(), isOwn);
    const after = decisions.snapshot;
    if (code || !after) return code ?? 'GENERAL';

    this.#lists.missing.clear();
    const refused = this.#keep(after, bytes);
    if (refused) return refused;
    this.recorder?.adopted();
    this.#watchExpiry(after);
    if (!this.#ready) {
      this.#ready = true;
      events.emit('ready', { version: after.version });
    } else if (values && before?.digest !== after.digest) {
      this.#emitChange(values);
    }
    return undefined;
  }

  /** Notes what was adopted, once all of it is what was signed: a large body is checked chunk by chunk, while others work. */
  #keep(adopted: Snapshot, bytes: Uint8Array): Code | undefined {
    const store = this.#store;
    const { code, isWhole } = this.#decisions.advance();
    if (code) return code;
    // Not now: a lock and encoding take longer than everything else together.
    setTimeout(() => {
      if (!isWhole) {
        const code = this.#decisions.snapshot?.digest === adopted.digest && this.#keep(adopted, bytes);
        if (code) this.#giveUp(code);
      } else {
        // Another client may have adopted a newer one meanwhile.
        void store.raise(adopted).then(() => store.highest()?.digest === adopted.digest && store.keep(adopted, bytes));
      }
    });
    return undefined;
  }

  /** Rules turned out damaged after they were adopted: what was good before is active again, or comes from earlier page views. */
  #giveUp(code: Code): void {
    this.fallBack(code);
    const { snapshot } = this.#decisions;
    if (!snapshot) return;
    this.#watchExpiry(snapshot);
    this.#events.tell({ code });
    // What the damaged rules said is not known any more: every flag may have changed.
    this.#emitChange(new Map());
  }

  #watchExpiry({ version, expires }: Snapshot): void {
    const check = (): void => {
      const { snapshot } = this.#decisions;
      if (this.#decisions.stale()) this.#events.emit('stale', { version });
      else if (snapshot) this.#watchExpiry(snapshot);
    };
    clearTimeout(this.#expiry);
    this.#expiry = later(check, expires - Date.now());
  }

  /** Fetches the list files that decisions asked for, after the task in hand. Flags that then evaluate otherwise are a change. */
  #fetchLists(): Promise<void> | undefined {
    const files = this.#decisions.wanted();
    return (
      files[0] &&
      this.#lists.fetch(files, this.#base).then((before) => {
        if (before && this.#ready) this.#emitChange(before);
      })
    );
  }

  /** Tells which flags evaluate otherwise than before. */
  #emitChange(before: Map<string, string>): void {
    const now = this.#decisions.all();
    const keys = new Set([...before.keys(), ...now.keys()]);
    const flagsChanged = [...keys].filter((key) => before.get(key) !== now.get(key));
    this.#events.emit('configurationChanged', { version: this.#decisions.snapshot?.version ?? 0, flagsChanged });
  }

  /** Why flags are not decided, or something else is not done, as the page asked. */
  get #error(): ClientEvents['error'] | undefined {
    const { code } = this.#decisions;
    const refusal = (code && code !== this.#refusal?.code ? { code } : this.#refusal) ?? this.plugs.find(({ error }) => error)?.error;
    return refusal && errorOf(refusal);
  }
}

function given(source: SnapshotSource): Fetched {
  return { bytes: bytesOf(source), code: 'MALFORMED' };
}
