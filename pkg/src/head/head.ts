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
import type { Seen } from '../storage/seen.js';
import type { Plug, SnapshotSource, Status, Trust } from '../types.js';
import { Chain, type Refused } from './chain.js';
import { askedBy, type Facts, factsOf, KEPT, type Kills, killsOf, type Pointer, pointerOf, rises, SNAPSHOT } from './documents.js';
import { partsOf } from './file.js';
import { headRoles } from './roles.js';
import { type Anchor, anchorOf } from './trust.js';

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
 * at once. With `freshness` a snapshot decides while a pointer vouches for it. With `root`, the trust documents that a pointer asks for say
 * whose keys count from then on.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, head: head() });
 */
export function head(options?: HeadOptions): Plug<'head'> {
  return {
    kind: 'head',
    open(host: Host): Opened {
      return headRoles(host.options.trust).length ? new Head(host, options?.url) : {};
    },
  };
}

/** An end that never comes. */
const NEVER = Infinity;
/** No version: what was seen is forgotten. */
const NONE: Seen = { version: -1, digest: '' };

class Head implements HeadTaker, Opened {
  readonly #host: Host;
  readonly #url: string | URL | false | undefined;
  readonly #chain: Chain;
  /** The active trust: the chain's, once what it means was done. */
  #anchor: Anchor;
  #roles: readonly string[];
  /** Under which numbers are remembered. */
  #epoch: Anchor['epoch'];
  #key: string;
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
  /** Where the last head came from, or the snapshot that it is in front of: trust documents are beside it. */
  #place: URL | undefined;
  /** Why a trust document that was asked for could not be had. */
  #missing: Refused | undefined;
  /** The first head, while it is on its way. */
  #first: Promise<void> | undefined;
  /** What is wrong with the last head. */
  #refusal: Refused | undefined;
  /** Whether the active snapshot is the page's own, and until when it decides. */
  #isOwn: boolean | undefined;
  #end = NEVER;
  /** The bytes that the engine may adopt, and those that are active. */
  #passed: Uint8Array | undefined;
  #bytes: Uint8Array | undefined;
  /** What is active, as the highest version of this epoch. */
  #adopted: Seen | undefined;
  /** The active snapshot is not one that the active trust takes. */
  #isRevoked = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(host: Host, url: string | URL | false | undefined) {
    this.#host = host;
    this.#url = url;
    const { decisions, loading, options, project, environment } = host;
    const { trust, snapshot } = options;
    this.#anchor = anchorOf(trust, decisions.trust ?? new Uint8Array());
    this.#roles = headRoles(trust);
    this.#chain = new Chain(this.#anchor, keyOf('trust', project, environment));
    this.#epoch = this.#anchor.epoch;
    this.#key = this.#keyOf();
    this.#enter(this.#chain.epoch);
    decisions.gate = (...of) => this.#pass(...of);
    const before = decisions.onAdopted;
    decisions.onAdopted = (engine, now) => {
      before?.(engine, now);
      engine.kill(this.#keys);
      this.#bytes = this.#passed;
      this.#adopted = decisions.snapshot;
      this.#isRevoked = false;
      host.store.foreign = undefined;
      this.#schedule();
    };
    loading.head = this;
    this.#first = this.load(snapshot);
    // Bytes do not wait for it.
    if (!isUrl(snapshot)) this.#first = undefined;
  }

  get error(): Opened['error'] {
    return this.#refusal && errorOf(this.#refusal);
  }

  get trust(): Trust {
    return this.#anchor.trust;
  }

  get isNamed(): boolean {
    const { snapshot, until } = this.#host.decisions;
    return !!snapshot && this.#roles.includes('freshness') && until > Date.now();
  }

  facts(): Partial<Status> {
    const { number } = this.#anchor;
    return number > (this.#host.options.trust.number ?? 0) ? { trustNumber: number } : {};
  }

  urlOf(source: SnapshotSource): string | URL | undefined {
    const base = globalThis.document?.baseURI ?? globalThis.location?.href;
    const beside = (): URL | undefined => attempt(() => new URL('head.waft', new URL(source as string, base)));
    const url = this.#url === undefined ? (isUrl(source) ? beside() : undefined) : this.#url || undefined;
    const place = url ?? source;
    if (isUrl(place)) this.#place = attempt(() => new URL(place, base));
    return url;
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
      await this.prepare(isThere ? bytes : undefined);
      this.#receive(isThere ? bytes : new Uint8Array(), { url: `${url}`, httpStatus: status, cause: headers.get('content-type') });
    } catch (cause) {
      this.#refuse({ code: cause instanceof RangeError ? 'TOO_LARGE' : 'UNREACHABLE', url: `${url}`, cause });
      this.#receive(undefined, {});
    }
  }

  async take(bytes: Uint8Array): Promise<void> {
    await this.prepare(bytes);
    // Whoever asked, did so there.
    this.#receive(bytes, this.#place ? { url: `${this.#place}` } : {});
  }

  async prepare(bytes: Uint8Array | undefined): Promise<void> {
    const place = this.#place;
    const asked = (place && bytes && askedBy(bytes)) ?? 0;
    this.#missing = (await this.#chain.fetch(asked, (number) => placeOf(number, place as URL))) ?? this.#missing;
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
    if (!snapshot) {
      // Nobody knows, until there is an engine to ask.
      if (bytes) this.#refusal = undefined;
      return;
    }
    const before = events.has('configurationChanged') ? decisions.all() : undefined;
    const wasStale = decisions.stale();
    decisions.guarded((engine) => {
      this.#feed(decisions, engine, Date.now());
      engine.kill(this.#keys);
    });
    const standing = this.#standing({ ...snapshot }, this.#isOwn, Date.now());
    this.#stand(decisions, standing);
    // It goes on until others come, as past its expiry: a page that lost all its flags while it is used would be worse.
    if (this.#isRevoked) decisions.until = KEPT;
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
  #feed(active: Active, engine: Engine, now: number): void {
    const refused = this.#chain.walk(engine, now) ?? this.#missing;
    this.#missing = undefined;
    this.#follow(active, engine, now);
    const text = get(this.#key);
    if (text !== this.#known) {
      this.#known = text;
      for (const kept of text.split(' ')) this.#takeAll(engine, attempt(() => fromBase64(kept)) ?? new Uint8Array(), KEPT);
    }
    const pending = this.#pending;
    if (pending) {
      const code = this.#takeAll(engine, pending, now) ?? this.#lacking(pending);
      this.#pending = this.#refusal = undefined;
      if (code && !refused) this.#refuse({ ...this.#from, code });
    }
    if (refused) this.#refuse(refused);
    const documents = this.#documents.map((document) => toBase64(document ?? new Uint8Array()));
    const next = documents.join(' ');
    if (next !== this.#known && (this.#kills || this.#last)) set(this.#key, (this.#known = next));
  }

  /** What is kept beside a snapshot, in the order in which it is to be taken. */
  get #documents(): (Uint8Array | undefined)[] {
    return [this.#kills, this.#before, this.#last].map((taken) => taken?.document);
  }

  /** Brings an engine, and what was taken before, under the trust that counts. What traps is done again, from the start. */
  #follow(active: Active, engine: Engine, now: number): void {
    const { anchor } = this.#chain;
    const { store } = this.#host;
    this.#enter(anchor.epoch);
    if (active.trust !== anchor.bytes) {
      active.trust = anchor.bytes;
      engine.trust(anchor.bytes);
      engine.seen(NONE);
      for (const seen of [store.highest(), this.#adopted]) if (seen) engine.seen(seen);
    }
    if (anchor === this.#anchor) return;
    const isForgotten = anchor.epoch !== this.#anchor.epoch;
    const isOurs = (bytes: Uint8Array | undefined, moment: number): boolean =>
      !isForgotten && !!bytes && typeof factsOf(engine, bytes, moment) !== 'string';
    // What a key signed that counts no more has no effect.
    const [hasKills, hasBefore, hasLast] = this.#documents.map((document) => isOurs(document, KEPT));
    this.#isRevoked = !isOurs(this.#bytes, now);
    if (!hasKills) this.#kills = undefined;
    if (!hasBefore) this.#before = undefined;
    if (!hasLast) this.#last = undefined;
    this.#roles = headRoles(anchor.trust);
    this.#anchor = anchor;
  }

  /** Remembers numbers under an epoch: none, if that is another one. */
  #enter(epoch: Anchor['epoch']): void {
    if (epoch === this.#epoch) return;
    const { store, project, environment, decisions } = this.#host;
    this.#epoch = epoch;
    this.#key = this.#keyOf();
    this.#known = '';
    this.#adopted = undefined;
    store.enter(project, environment, epoch);
    store.foreign = decisions.snapshot?.digest;
  }

  #keyOf(): string {
    const { project, environment } = this.#host;
    return keyOf('head', project, environment, this.#epoch);
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
      for (const [kind, document] of partsOf(head).documents) {
        const code = this.#takeOne(engine, kind, document, now);
        first ??= code;
      }
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
      const kills = killsOf(facts, document, this.#kills, this.trust);
      if (typeof kills === 'string') return kills;
      this.#kills = kills;
      return undefined;
    }
    const adopted = this.#host.store.highest()?.version ?? 0;
    const pointer = pointerOf(facts, document, this.#last, this.trust, adopted, this.#kills?.version ?? 0);
    if (typeof pointer === 'string') return pointer;
    if (this.#last && (!adopted || this.#last.version <= adopted)) this.#before = this.#last;
    this.#last = pointer;
    return undefined;
  }

  /** Whether bytes may become active: the snapshot in them. */
  #pass(active: Active, engine: Engine, bytes: Uint8Array, now: number, isOwn: boolean | undefined): Uint8Array | Code {
    this.#feed(active, engine, now);
    const parts = attempt(() => partsOf(bytes));
    // What is none is for the engine to refuse.
    const { documents = [], snapshot = bytes } = parts ?? {};
    const refused = documents.length ? this.#takeAll(engine, bytes, isOwn ? KEPT : now) : undefined;
    if (active === this.#host.decisions) this.#passed = snapshot;
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
    const { maxStale = MAX_STALE } = this.trust;
    // A clock that is behind.
    now = Math.max(now, issued);
    let end = isOwn ? NEVER : KEPT;
    let code: Code = 'HEAD_INCOMPLETE';
    for (const pointer of [this.#before, this.#last]) {
      if (!pointer) continue;
      const refused = rises({ version, digest }, pointer);
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

/** Where a trust document is: beside the head, under the name that goes with the head's. */
function placeOf(number: number, head: URL): URL {
  const [, name = ''] = /([\w-]+-)(?:head|current)\.waft$/.exec(head.pathname) ?? [];
  return new URL(`${name}trust-${`${number}`.padStart(4, '0')}.waft`, head);
}
