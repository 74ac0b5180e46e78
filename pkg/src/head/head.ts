/** The head: kills flags, and vouches for snapshots (docs/snapshot-format.md, sections 11 to 14). */

import type { Refusal } from '../client/events.js';
import type { HeadTaker, Host, Opened } from '../client/host.js';
import type { Code } from '../codes.js';
import type { Active } from '../engine/active.js';
import type { Engine } from '../engine/engine.js';
import { HEAD_BYTES, MAX_STALE } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { fromBase64, toBase64, unshifted } from '../platform/bytes.js';
import { inTime, later } from '../platform/deadline.js';
import { isUrl } from '../platform/realm.js';
import { get, keyOf } from '../storage/local.js';
import type { Seen } from '../storage/seen.js';
import type { ClientEvents, Plug, Snapshot, SnapshotSource, Status, Trust } from '../types.js';
import {
  askedBy,
  codeOf,
  type Facts,
  factsOf,
  isPointer,
  KEPT,
  type Kills,
  killsOf,
  type Pointer,
  pointerOf,
  rises,
  SNAPSHOT,
  saidBy,
} from './documents.js';
import { type Parts, partsOf } from './file.js';
import type { Followed, Refused, TrustDocuments, Walked } from './followed.js';
import { headRoles, rolesOf } from './roles.js';

/** What `head` of `waft/head` takes. */
export interface HeadOptions {
  /**
   * Where the head is. Default `head.waft` beside the snapshot, where that is a URL. `false` asks for none, as where the snapshot's file is a
   * `current.waft`, which has it in front.
   */
  readonly url?: string | URL | false | undefined;
  /**
   * What follows trust documents, for a trust with `root`: `() => import('waft/documents')`, called when there is one to follow, or that module
   * itself. `false`: the page takes none, whatever its trust says.
   */
  readonly documents?: TrustDocuments | (() => PromiseLike<TrustDocuments>) | false | undefined;
}

/**
 * Asks for the head beside the snapshot, at the same time, where the trust has the role `freshness` or `kill`. Flags of its kill list are off
 * at once. With `freshness` a snapshot decides while a pointer vouches for it. With `root`, and `documents`, the trust documents that a pointer
 * asks for say whose keys count from then on.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, head: head() });
 */
export function head(options?: HeadOptions): Plug<'head'> {
  return {
    kind: 'head',
    open: (host: Host): Opened => (headRoles(host.options.trust).length ? new Head(host, options ?? {}) : {}),
  };
}

/** An end that never comes. */
const NEVER = Infinity;

class Head implements HeadTaker, Opened, Walked {
  readonly host: Host;
  readonly #options: HeadOptions;
  /** The active trust, and its roles. */
  trust: Trust;
  roles: readonly string[];
  headKey: string;
  kills: Kills | undefined;
  pointer: Pointer | undefined;
  pointerBefore: Pointer | undefined;
  headText = '';
  raised: Seen | undefined;
  activeBytes: Uint8Array | undefined;
  isRevoked = false;
  /** What follows trust documents; not there before there is one. */
  #followed: Followed | undefined;
  /** Under which those are kept; empty where the page takes none. */
  #documentsKey: string;
  /** What came before there was an engine, and where from. */
  #pending: Uint8Array | undefined;
  #from: Partial<Refusal> = {};
  /** Where the last head came from, or the snapshot that it is in front of: trust documents are beside it. */
  #place: URL | undefined;
  /** Why a trust document that was asked for could not be had. */
  #missing: Refused | undefined;
  /** The first head, while it is on its way. */
  #first: Promise<void> | undefined;
  /** The page's own bytes, until their head is asked for. */
  #later: SnapshotSource | undefined;
  /** What is wrong with the last head. */
  error: Refused | undefined;
  /** Whether the active snapshot is the page's own, and until when it decides. */
  #isOwn: boolean | undefined;
  #end = NEVER;
  /** The bytes that the engine may adopt, and whether they are the page's own. */
  #passed: readonly [bytes?: Uint8Array, isOwn?: boolean | undefined] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  /** The trust asks for what the page does not bring. */
  readonly notice: ClientEvents['error'] | undefined;

  constructor(host: Host, options: HeadOptions) {
    this.host = host;
    this.#options = options;
    const { decisions, events, loading, options: given, project, environment } = host;
    const { trust, snapshot } = given;
    this.trust = trust;
    this.roles = rolesOf(trust);
    this.headKey = keyOf('head', project, environment, trust.epoch ?? 0);
    const { documents } = options;
    this.#documentsKey = this.roles.includes('root') && documents !== false ? keyOf('trust', project, environment) : '';
    // What is no such module follows nothing: then nothing decides where documents are kept.
    if (this.#documentsKey && typeof documents === 'object') {
      this.#followed = attempt(() => (documents as TrustDocuments).follow(this, this.#documentsKey));
    }
    decisions.gate = (...of) => this.#pass(...of);
    const before = decisions.onAdopted;
    decisions.onAdopted = (engine, now) => {
      before?.(engine, now);
      if (this.kills) this.#kill(engine);
      [this.activeBytes, this.#isOwn] = this.#passed;
      this.raised = decisions.snapshot;
      this.#stand(decisions, this.#standing(decisions.snapshot as Snapshot, this.#isOwn, now));
      this.isRevoked = false;
      host.store.foreign = undefined;
      this.#schedule();
    };
    loading.head = this;
    // With the snapshot, and never before it. Bytes do not wait for it, nor for what it takes a phone to ask: 5 ms.
    if (loading.asked) this.#first = this.load(loading.asked);
    else this.#later = isUrl(snapshot) ? undefined : snapshot;
    if (this.#documentsKey && this.#isFresh && !this.#followed && typeof documents !== 'function') {
      const code = 'INVALID_OPTION';
      events.emit('error', (this.notice = { code, message: `${code}: head.documents` }));
    }
  }

  get isNamed(): boolean {
    const { snapshot, until } = this.host.decisions;
    return !!snapshot && this.#isFresh && until > Date.now();
  }

  get #isFresh(): boolean {
    return this.roles.includes('freshness');
  }

  facts(): Partial<Status> | undefined {
    return this.#followed?.facts();
  }

  urlOf(source: SnapshotSource): string | URL | undefined {
    const base = globalThis.document?.baseURI ?? globalThis.location?.href;
    const { url = isUrl(source) && attempt(() => new URL('head.waft', new URL(source, base))) } = this.#options;
    const place = url || source;
    if (isUrl(place)) this.#place = attempt(() => new URL(place, base));
    return url || undefined;
  }

  async load(source: SnapshotSource): Promise<void> {
    const first = this.#first;
    this.#first = undefined;
    if (first) return first;
    const url = this.urlOf(source);
    if (!url) return;
    const { bytes, code, ...from } = await this.host.loading.ask(url, HEAD_BYTES);
    await this.prepare(bytes);
    // What is not there is a head without documents. A server that fails has said nothing of the kind.
    const isAnswer = (from.httpStatus ?? 500) < 500;
    if (!isAnswer) this.#refuse({ ...from, code });
    this.#receive(bytes ?? (isAnswer ? new Uint8Array() : undefined), from);
  }

  async take(bytes?: Uint8Array): Promise<void> {
    await this.prepare(bytes);
    // Whoever asked, did so there.
    this.#receive(bytes, this.#place ? { url: `${this.#place}` } : {});
  }

  async prepare(bytes?: Uint8Array): Promise<void> {
    const place = this.#place;
    const asked = place && bytes ? askedBy(partsOf(bytes)) : 0;
    const { documents } = this.#options;
    if (typeof documents === 'function' && this.#isBehind(asked)) {
      try {
        const module = await inTime(documents());
        this.#followed ??= module.follow(this, this.#documentsKey);
        this.#missing = undefined;
      } catch (cause) {
        this.#missing = { code: 'UNREACHABLE', cause };
      }
    }
    this.#missing = (await this.#followed?.fetch(asked, place)) ?? this.#missing;
  }

  /**
   * Whether a trust document beyond the page's own trust is kept, or asked for by its number, and what follows them is not there: nobody knows
   * whose keys count.
   */
  #isBehind(asked = 0): boolean {
    if (!this.#documentsKey || this.#followed) return false;
    const kept = get(this.#documentsKey).split(' ').at(-1);
    const last = kept && (attempt(() => saidBy(fromBase64(kept)).version) ?? NEVER);
    return Math.max(asked, last || 0) > (this.trust.number ?? 0);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Tells an engine the keys of killed flags, a line each. */
  #kill(engine: Engine): void {
    engine.kill(unshifted(this.kills?.flags ?? '', 0));
  }

  /** Takes a head, or nothing but what is kept, and tells what changes. */
  #receive(bytes: Uint8Array | undefined, from: Partial<Refusal>): void {
    if (this.#isClosed) return;
    const { decisions, events } = this.host;
    this.#pending = bytes ?? this.#pending;
    this.#from = from;
    const { snapshot, context } = decisions;
    if (!snapshot) {
      // Nobody knows, until there is an engine to ask.
      if (bytes) this.error = undefined;
      return;
    }
    const before = events.has('configurationChanged') ? decisions.all() : undefined;
    const wasStale = decisions.stale();
    decisions.guarded((engine) => {
      this.#feed(decisions, engine, Date.now());
      this.#kill(engine);
    });
    this.#stand(decisions, this.#standing(snapshot, this.#isOwn, Date.now()));
    // It goes on until others come, as past its expiry: a page that lost all its flags while it is used would be worse.
    if (this.isRevoked) decisions.until = KEPT;
    // What was decided before is to be decided anew.
    decisions.context = context;
    this.#schedule();
    const { version } = snapshot;
    const flagsChanged = before ? [...decisions.all()].flatMap(([key, told]) => (before.get(key) === told ? [] : key)) : [];
    if (flagsChanged.length) events.emit('configurationChanged', { version, flagsChanged });
    if (!wasStale && decisions.stale()) events.emit('stale', { version });
  }

  #refuse(refusal: Refused): void {
    this.error = refusal;
    // It is told to handlers that are added in this task, too.
    queueMicrotask(() => !this.#isClosed && this.host.events.tell(refusal));
  }

  /** Verifies what is kept, by other tabs, too, and what came. Returns what is wrong with trust documents. */
  #feed(active: Active, engine: Engine, now: number): Refused | undefined {
    const missing = this.#missing;
    const refused = this.#followed?.walk(active, engine, now) ?? missing;
    if (refused && refused !== this.error) this.#refuse(refused);
    // Whose keys sign what is kept, and what came, is not known yet.
    if (this.#isBehind()) return refused;
    this.#missing = undefined;
    const text = get(this.headKey);
    if (text !== this.headText) {
      this.headText = text;
      // As they are written below: what is verified says the rest.
      text.split(' ').forEach((kept, place) => {
        this.#takeOne(engine, place ? 'pointer' : 'kills', attempt(() => fromBase64(kept)) ?? new Uint8Array(), KEPT);
      });
    }
    if (this.#pending) {
      const parts = partsOf(this.#pending);
      // A head without a pointer is told, where one is asked for.
      const isLacking = this.#isFresh && !parts.documents.some(isPointer);
      const code = this.#takeAll(engine, parts, now) ?? (isLacking && 'HEAD_INCOMPLETE');
      this.#pending = undefined;
      this.error = refused;
      if (code && !refused) this.#refuse({ ...this.#from, code });
    }
    // In the order in which they are to be taken.
    const documents = [this.kills, this.pointerBefore, this.pointer];
    const next = documents.map((taken) => toBase64(taken?.document ?? new Uint8Array())).join(' ');
    // A kill that is not kept would end with the page.
    if (next !== this.headText && (this.kills || this.pointer)) this.host.store.insist(this.headKey, (this.headText = next));
    return refused;
  }

  /** Takes each document of a head, whatever becomes of the others. Returns the first code. */
  #takeAll(engine: Engine, { documents, code: first }: Parts, now: number): Code | undefined {
    for (const [kind, document] of documents) {
      const code = this.#takeOne(engine, kind, document, now);
      first ??= code;
    }
    return first;
  }

  #takeOne(engine: Engine, kind: string, document: Uint8Array, now: number): Code | undefined {
    const isList = kind === 'kills' && this.roles.includes('kill');
    // What nobody asks for, or knows, has no effect.
    if (!isList && !(kind === 'pointer' && this.#isFresh)) return undefined;
    const facts = factsOf(engine, document, now);
    if (typeof facts === 'string') return facts;
    const { kills, pointer, trust, host } = this;
    const adopted = host.store.highest()?.version ?? 0;
    try {
      if (isList) this.kills = killsOf(facts, document, kills, trust);
      else {
        this.pointer = pointerOf(facts, document, pointer, trust, adopted, kills?.version ?? 0);
        if (pointer && (!adopted || pointer.version <= adopted)) this.pointerBefore = pointer;
      }
    } catch (thrown) {
      return codeOf(thrown);
    }
    return undefined;
  }

  /** Whether bytes may become active: the snapshot in them. */
  #pass(active: Active, engine: Engine, bytes: Uint8Array, now: number, isOwn: boolean | undefined): Uint8Array | Code {
    const later = this.#later;
    this.#later = undefined;
    if (later) setTimeout(() => this.#isClosed || this.load(later));
    const missing = this.#feed(active, engine, now);
    if (this.#isBehind()) {
      if (!missing && typeof this.#options.documents === 'function') void this.#again(bytes, isOwn);
      return missing?.code ?? 'HEAD_INCOMPLETE';
    }
    const isActive = active === this.host.decisions;
    const parts = partsOf(bytes);
    // What is none is for the engine to refuse.
    const { documents, snapshot = bytes } = parts;
    const refused = documents.length ? this.#takeAll(engine, parts, isOwn ? KEPT : now) : undefined;
    if (isActive) this.#passed = [snapshot, isOwn];
    // The page's own decide whatever a pointer says, as stale at worst.
    if (!this.#isFresh || isOwn) return snapshot;
    const said = attempt(() => saidBy(snapshot));
    const standing = said ? this.#standing({ ...said, digest: engine.digest(said.signed) }, isOwn, now) : 'MALFORMED';
    if (typeof standing !== 'string') {
      if (!isActive) this.#stand(active, standing);
      return snapshot;
    }
    // Whatever the engine finds comes first.
    const facts = factsOf(engine, snapshot, now);
    if (typeof facts === 'string') return facts;
    return facts.kind === SNAPSHOT ? (refused ?? this.error?.code ?? standing) : 'MALFORMED';
  }

  /** Loads what follows trust documents, and then adopts what had to wait for it. */
  async #again(bytes: Uint8Array, isOwn: boolean | undefined): Promise<void> {
    await this.prepare();
    const { decisions, loading } = this.host;
    // What was kept is kept under the epoch of the documents, which is another one now perhaps.
    if (isOwn === undefined) loading.fallBack(decisions.code);
    else if (!this.#isClosed && !decisions.snapshot) loading.startNow(bytes, isOwn);
  }

  /** Until when a snapshot is fresh and until when it decides; or why it does not. */
  #standing(
    { version, digest, issued }: Pick<Facts, 'version' | 'digest' | 'issued'>,
    isOwn: boolean | undefined,
    now: number,
  ): readonly [until: number, end: number] | Code {
    if (!this.#isFresh) return [NEVER, NEVER];
    const { maxStale = MAX_STALE } = this.trust;
    // A clock that is behind.
    now = Math.max(now, issued);
    let end = isOwn ? NEVER : KEPT;
    let code: Code = 'HEAD_INCOMPLETE';
    for (const pointer of [this.pointerBefore, this.pointer]) {
      if (!pointer) continue;
      const refused = rises({ version, digest }, pointer);
      code = refused ?? 'EXPIRED';
      if (refused) continue;
      // By what is no number, as '7d', nothing would end.
      end = Math.max(end, pointer.expires + (1_000 * maxStale || 0));
      if (pointer === this.pointer && now < pointer.expires) return [pointer.expires, end];
    }
    return now < end ? [KEPT, end] : code;
  }

  #stand(active: Active, standing: readonly [number, number] | Code): void {
    const [until, end] = typeof standing === 'string' ? [KEPT, KEPT] : standing;
    active.until = until;
    if (active === this.host.decisions) this.#end = end;
  }

  /** Waits until nothing vouches for the active snapshot any more, and until it is over. */
  #schedule(): void {
    clearTimeout(this.#timer);
    const { decisions, events } = this.host;
    const { snapshot, until } = decisions;
    const moment = until > KEPT ? until : this.#end;
    if (!snapshot || this.#isClosed || moment === NEVER) return;
    const { version } = snapshot;
    const ring = (): void => {
      if (Date.now() >= this.#end) {
        const flagsChanged = [...decisions.all().keys()];
        decisions.close();
        this.#refuse({ code: (decisions.code = 'EXPIRED') });
        events.emit('configurationChanged', { version, flagsChanged });
        return;
      }
      if (Date.now() >= moment) {
        decisions.until = KEPT;
        events.emit('stale', { version });
      }
      this.#schedule();
    };
    this.#timer = later(ring, Math.max(0, moment - Date.now()));
  }
}
