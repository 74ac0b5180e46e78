/** The head: kills flags, and vouches for snapshots (docs/snapshot-format.md, sections 11 to 14). */

import { errorOf, type Refusal } from '../client/events.js';
import type { HeadTaker, Host, Opened } from '../client/host.js';
import type { Code } from '../codes.js';
import type { Active } from '../engine/active.js';
import type { Engine } from '../engine/engine.js';
import { HEAD_BYTES, MAX_STALE } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { fromBase64, toBase64 } from '../platform/bytes.js';
import { LONGEST_DELAY } from '../platform/deadline.js';
import { request } from '../platform/http.js';
import { isUrl } from '../platform/realm.js';
import { get, keyOf, set } from '../storage/local.js';
import type { Plug, SnapshotSource, Trust } from '../types.js';
import { type Facts, factsOf, type Kills, killsOf, type Pointer, pointerOf, rises, SNAPSHOT } from './documents.js';
import { partsOf } from './file.js';
import { headRoles } from './roles.js';

/** What `head` of `waft/head` takes. */
export interface HeadOptions {
  /**
   * Where the head is. Default `head.waft` beside the snapshot, where that is a URL. `false` asks for none, as where the snapshot's file is a
   * `current.waft`, which has it in front.
   */
  readonly url?: string | URL | false;
}

/**
 * Asks for the head beside the snapshot, at the same time, where the trust has the role `freshness` or `kill`. Flags of its kill list are off
 * at once. With `freshness` a snapshot decides while a pointer vouches for it.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, head: head() });
 */
export function head(options?: HeadOptions): Plug<'head'> {
  return {
    kind: 'head',
    open(host: Host): Opened {
      const roles = headRoles(host.options.trust);
      return roles.length ? new Head(host, options?.url, roles) : {};
    },
  };
}

/** What is wrong with a head. */
type Refused = Refusal & { readonly code: Code };

/** An end that never comes. */
const NEVER = Infinity;
/** The moment at which nothing has expired: of what was adopted before. */
const KEPT = -Infinity;

class Head implements HeadTaker, Opened {
  readonly #host: Host;
  readonly #trust: Trust;
  readonly #url: string | URL | false | undefined;
  readonly #roles: readonly string[];
  readonly #key: string;
  #kills: Kills | undefined;
  /** The last pointer, and the last before it that vouched for the highest snapshot. */
  #last: Pointer | undefined;
  #before: Pointer | undefined;
  /** What is kept, as this page knows it. */
  #known = '';
  /** What came before there was an engine. */
  #pending: Uint8Array | undefined;
  /** Where it came from. */
  #from: Partial<Refusal> = {};
  /** The first head, while it is on its way. */
  #first: Promise<void> | undefined;
  /** What is wrong with the last head. */
  #refusal: Refused | undefined;
  /** Whether the active snapshot is the page's own, and until when it decides. */
  #isOwn: boolean | undefined;
  #end = NEVER;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(host: Host, url: string | URL | false | undefined, roles: readonly string[]) {
    this.#host = host;
    this.#url = url;
    this.#roles = roles;
    const { decisions, loading, options, project, environment } = host;
    this.#trust = options.trust;
    this.#key = keyOf('head', project, environment, this.#trust.epoch ?? 0);
    decisions.gate = (...of) => this.#pass(...of);
    const before = decisions.onAdopted;
    decisions.onAdopted = (engine, now) => {
      before?.(engine, now);
      engine.kill(this.#keys);
      this.#schedule();
    };
    loading.head = this;
    this.#first = this.load(options.snapshot);
    // Bytes do not wait for it.
    if (!isUrl(options.snapshot)) this.#first = undefined;
  }

  get error(): Opened['error'] {
    return this.#refusal && errorOf(this.#refusal);
  }

  get isNamed(): boolean {
    return this.#roles.includes('freshness') && this.#host.decisions.until > Date.now();
  }

  urlOf(source: SnapshotSource): string | URL | undefined {
    const base = globalThis.document?.baseURI ?? globalThis.location?.href;
    const beside = (): URL | undefined => attempt(() => new URL('head.waft', new URL(source as string, base)));
    return this.#url === undefined ? (isUrl(source) ? beside() : undefined) : this.#url || undefined;
  }

  async load(source: SnapshotSource): Promise<void> {
    const first = this.#first;
    this.#first = undefined;
    if (first) return first;
    const url = this.urlOf(source);
    if (!url) return;
    try {
      const { status, headers, bytes } = await request(url, { cache: 'no-cache' }, HEAD_BYTES);
      const isThere = status >= 200 && status < 300;
      this.#receive(isThere ? bytes : new Uint8Array(), { url: `${url}`, httpStatus: status, cause: headers.get('content-type') });
    } catch (cause) {
      this.#refuse({ code: cause instanceof RangeError ? 'TOO_LARGE' : 'UNREACHABLE', url: `${url}`, cause });
      this.#receive(undefined, {});
    }
  }

  take(bytes: Uint8Array): Code | undefined {
    this.#receive(bytes, {});
    return this.#refusal?.code;
  }

  recall(): void {
    this.#receive(undefined, {});
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** The keys of killed flags, a line each. */
  get #keys(): string {
    return (this.#kills?.flags ?? []).join('\n');
  }

  /** Takes a head, or nothing but what is kept, and tells what changes. */
  #receive(bytes: Uint8Array | undefined, from: Partial<Refusal>): void {
    if (this.#isClosed) return;
    const { decisions, events } = this.#host;
    this.#pending = bytes ?? this.#pending;
    this.#from = from;
    const { snapshot, context } = decisions;
    if (!snapshot) return;
    const before = events.has('configurationChanged') ? decisions.all() : undefined;
    const wasStale = decisions.stale();
    decisions.guarded((engine) => {
      this.#feed(engine, Date.now());
      engine.kill(this.#keys);
    });
    const standing = this.#standing({ ...snapshot }, this.#isOwn, Date.now());
    this.#stand(decisions, standing);
    // What was decided before is to be decided anew.
    decisions.context = context;
    this.#schedule();
    const after = before && decisions.all();
    const flagsChanged = [...(after?.keys() ?? [])].filter((key) => before?.get(key) !== after?.get(key));
    if (flagsChanged.length) events.emit('configurationChanged', { version: snapshot.version, flagsChanged });
    if (!wasStale && decisions.stale()) events.emit('stale', { version: snapshot.version });
  }

  #refuse(refusal: Refused): void {
    this.#refusal = refusal;
    // It is told to handlers that are added in this task, too.
    queueMicrotask(() => !this.#isClosed && this.#host.events.tell(refusal));
  }

  /** Verifies what is kept, by other tabs, too, and what came. */
  #feed(engine: Engine, now: number): void {
    const text = get(this.#key);
    if (text !== this.#known) {
      this.#known = text;
      for (const kept of text.split(' ')) attempt(() => this.#takeAll(engine, fromBase64(kept), KEPT));
    }
    const pending = this.#pending;
    if (pending) {
      const code = this.#takeAll(engine, pending, now) ?? this.#lacking(pending);
      this.#pending = this.#refusal = undefined;
      if (code) this.#refuse({ ...this.#from, code });
    }
    const documents = [this.#kills, this.#before, this.#last].map((taken) => toBase64(taken?.document ?? new Uint8Array()));
    const next = documents.join(' ');
    if (next !== this.#known && (this.#kills || this.#last)) set(this.#key, (this.#known = next));
  }

  /** A head without a pointer is told, where one is asked for. */
  #lacking(head: Uint8Array): Code | undefined {
    const hasPointer = partsOf(head).documents.some(([kind]) => kind === 'pointer');
    return hasPointer || !this.#roles.includes('freshness') ? undefined : 'HEAD_INCOMPLETE';
  }

  /** Takes each document of a head, whatever becomes of the others. Returns the first code. */
  #takeAll(engine: Engine, head: Uint8Array, now: number): Code | undefined {
    let first: Code | undefined;
    try {
      for (const [kind, document] of partsOf(head).documents) first ??= this.#takeOne(engine, kind, document, now);
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) throw error;
      return error instanceof RangeError ? 'TOO_LARGE' : 'MALFORMED';
    }
    return first;
  }

  #takeOne(engine: Engine, kind: string, document: Uint8Array, now: number): Code | undefined {
    const isList = kind === 'kills' && this.#roles.includes('kill');
    // What nobody asks for, or knows, has no effect.
    if (!isList && !(kind === 'pointer' && this.#roles.includes('freshness'))) return undefined;
    const facts = factsOf(engine, document, now);
    if (typeof facts === 'string') return facts;
    if (isList) {
      const kills = killsOf(facts, document, this.#kills, this.#trust);
      if (typeof kills === 'string') return kills;
      this.#kills = kills;
      return undefined;
    }
    const adopted = this.#host.store.highest()?.version ?? 0;
    const pointer = pointerOf(facts, document, this.#last, this.#trust, adopted, this.#kills?.version ?? 0);
    if (typeof pointer === 'string') return pointer;
    if (this.#last && (!adopted || this.#last.version <= adopted)) this.#before = this.#last;
    this.#last = pointer;
    return undefined;
  }

  /** Whether bytes may become active: the snapshot in them. */
  #pass(active: Active, engine: Engine, bytes: Uint8Array, now: number, isOwn: boolean | undefined): Uint8Array | Code {
    this.#feed(engine, now);
    const parts = attempt(() => partsOf(bytes));
    // What is none is for the engine to refuse.
    const { documents = [], snapshot = bytes } = parts ?? {};
    const refused = documents.length ? this.#takeAll(engine, bytes, isOwn ? KEPT : now) : undefined;
    if (!this.#roles.includes('freshness')) return snapshot;
    const facts = factsOf(engine, snapshot, now);
    if (typeof facts === 'string') return facts;
    if (facts.kind !== SNAPSHOT) return 'MALFORMED';
    const standing = this.#standing(facts, isOwn, now);
    if (typeof standing === 'string') return refused ?? this.#refusal?.code ?? standing;
    this.#stand(active, standing);
    if (active === this.#host.decisions) this.#isOwn = isOwn;
    return snapshot;
  }

  /** Until when a snapshot is fresh and until when it decides; or why it does not. */
  #standing(
    { version, digest, issued }: Pick<Facts, 'version' | 'digest' | 'issued'>,
    isOwn: boolean | undefined,
    now: number,
  ): readonly [until: number, end: number] | Code {
    if (!this.#roles.includes('freshness')) return [NEVER, NEVER];
    const { maxStale = MAX_STALE } = this.#trust;
    // A clock that is behind.
    now = Math.max(now, issued);
    let end = isOwn ? NEVER : KEPT;
    let code: Code = 'HEAD_INCOMPLETE';
    for (const pointer of [this.#before, this.#last]) {
      if (!pointer) continue;
      const refused = rises({ version, digest }, pointer, NEVER);
      code = refused ?? 'EXPIRED';
      if (refused) continue;
      end = Math.max(end, pointer.expires + 1_000 * maxStale);
      if (pointer === this.#last && now < pointer.expires) return [pointer.expires, end];
    }
    return now < end ? [KEPT, end] : code;
  }

  #stand(active: Active, standing: readonly [number, number] | Code): void {
    const [until, end] = typeof standing === 'string' ? [KEPT, KEPT] : standing;
    active.until = until;
    if (active === this.#host.decisions) this.#end = end;
  }

  /** Waits until nothing vouches for the active snapshot any more, and until it is over. */
  #schedule(): void {
    clearTimeout(this.#timer);
    const { decisions } = this.#host;
    if (!decisions.snapshot || this.#isClosed) return;
    const moment = decisions.until > KEPT ? decisions.until : this.#end;
    if (moment === NEVER) return;
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, Math.min(moment - Date.now(), LONGEST_DELAY)));
    // In Node it would keep the process.
    (this.#timer as { unref?(): void }).unref?.();
  }

  #ring(): void {
    const { decisions, events } = this.#host;
    const now = Date.now();
    if (now >= this.#end) {
      const before = decisions.all();
      const { version = 0 } = decisions.snapshot ?? {};
      decisions.close();
      decisions.code = 'EXPIRED';
      this.#refuse({ code: 'EXPIRED' });
      return events.emit('configurationChanged', { version, flagsChanged: [...before.keys()] });
    }
    if (now >= decisions.until && decisions.until > KEPT) {
      decisions.until = KEPT;
      events.emit('stale', { version: decisions.snapshot?.version ?? 0 });
    }
    this.#schedule();
  }
}
