/** Decides flags for one context, and remembers what it decided until time, context or snapshot could change it. */

import { type Code, reasonOf } from '../codes.js';
import { SNAPSHOT_BYTES } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import type { Seen } from '../storage/seen.js';
import type { Context, Details, Snapshot } from '../types.js';
import { copyContext } from './context.js';
import { Engine, type Preview, type Progress, type Rules } from './engine.js';
import type { Compiled } from './module.js';
import { EXPOSED, INDEX, REASON, RULE, TIMED, WANTED } from './packed.js';
import { nothing, type Undecided, undecided } from './undecided.js';
import { NOTHING, parseVariant, type Variant } from './variant.js';

/** A flag of the active snapshot, and what it last evaluated to. Made when first read; its variants are parsed when first met. */
interface Flag {
  readonly index: number;
  /** Its first two variants, which are all that most have: an array takes 24 bytes more. */
  first: Variant | undefined;
  second: Variant | undefined;
  /** For which context and rules it was decided: what was decided before is of no more use. */
  turn: number;
  /** As the engine packs it. */
  packed: number;
  variant: Variant;
  /** In milliseconds since 1970; nothing if time will not change it before the snapshot expires. */
  until: number | undefined;
  /** Whether a read has nothing left to record. */
  recorded: boolean;
  /** Made when asked for, of what was packed then: nobody can guess whether the next context changes it, a processor neither. */
  details: Details<unknown> | undefined;
  detailed: number;
}

/** Bytes that were adopted, at which moment, and how often an engine that trapped may still be made anew from them. */
interface Kept {
  readonly bytes: Uint8Array;
  readonly now: number;
  chances: number;
}

/** Takes what a decision about a randomised flag exposes, as the engine's text. Does not throw. */
export type OnExposure = (flagKey: string, exposure: string) => void;

/** What it costs of an engine's chances that the page's stack was full, where a trap costs 1. */
const FULL = 0.005;
/** No such flag. */
const NONE = -1;
/** Longer keys are nobody's: they would only grow the engine's memory. */
const KEY_LENGTH = 65_536;

/** The active snapshot, the context, and what was decided. */
export class Decisions {
  readonly #trust: Uint8Array | undefined;
  #flags = new Map<string, Flag>();
  /** Variants by the text that the engine has of them: most flags are on or off. */
  #variants = new Map<string, Variant>();
  /** Raised when all that was decided is to be decided anew. */
  #turn = 0;
  /** How many flags were decided one by one in this turn, before all that are known were. */
  #alone = 0;
  /** By the number of the rule that decided. */
  #metadata: (Details<unknown>['flagMetadata'] | undefined)[] = [];
  #engine: Engine | undefined;
  #sticky = '';
  #context: Context = copyContext(undefined);
  /** What was adopted last, with the list files that came for it; and what was last found whole. An engine is made anew from them. */
  #latest: Kept | undefined;
  #lists = new Map<number, Uint8Array>();
  #good: Kept | undefined;
  /** What it costs to make the engine anew, if it is to be: it is not called before. */
  #broken = 0;
  /** The loaded engine; nothing is decided before. */
  wasm: Compiled | undefined;
  /** A preview token, which every snapshot that is adopted is shown with. */
  token: Uint8Array | undefined;
  /** Until when it shows something, or why it shows nothing. */
  preview: Preview | undefined;
  /** The active snapshot. */
  snapshot: Snapshot | undefined;
  /** Why there is none. */
  code: Code | undefined;
  /** How contexts are read for it. */
  rules: Rules | undefined;

  /** Called by reads; without it, nothing is exposed. */
  onExposure: OnExposure | undefined;
  /** Called if the engine stopped for good. */
  onStop: ((code: Code) => void) | undefined;
  /** Called if a decision asked for a list file that is not there. */
  onWanted: (() => void) | undefined;

  constructor(trust: Uint8Array | undefined) {
    this.#trust = trust;
  }

  /** What is remembered of earlier page views: lines of a sticky id, a space, and a variant's key. */
  set sticky(lines: string) {
    this.#sticky = lines;
    this.#guarded((engine) => engine.sticky(lines));
  }

  /** The list files that decisions asked for since the last call and that are not there: number and digest. */
  wanted(): [number, string][] {
    return this.#guarded((engine) => engine.wanted()) ?? [];
  }

  /** Takes a list file; what was decided without it is decided anew. Returns why it is refused. */
  list(file: number, bytes: Uint8Array): Code | undefined {
    this.#turned();
    const taken = this.#guarded((engine) => ({ code: engine.list(file, bytes) })) ?? { code: 'GENERAL' };
    if (!taken.code) this.#lists.set(file, bytes);
    return taken.code;
  }

  /** Why nothing can be adopted. */
  get obstacle(): Code | undefined {
    return !this.#trust ? 'INVALID_TRUST' : !this.wasm ? 'ENGINE_FAILED' : undefined;
  }

  /** Makes a snapshot active, or returns why not: then the one before stays active. */
  adopt(bytes: Uint8Array, seen: Seen | undefined): Code | undefined {
    const now = Date.now();
    let code: Code | undefined;
    if (this.#broken) this.#restore('GENERAL', 0);
    try {
      code = this.#adopt(bytes, now, seen);
      if (!code) [this.#latest, this.#lists] = [{ bytes, now, chances: 1.5 }, new Map()];
    } catch {
      // It is the fault of these bytes, and costs those before no chance.
      code = 'GENERAL';
      this.#restore(code, 0);
    }
    this.code = this.snapshot ? undefined : code;
    return code;
  }

  /**
   * Checks one more chunk of what was adopted. Once it is whole, these bytes are the last good ones. If a chunk is not what was signed, the
   * last good ones become active again, and `code` is why.
   */
  advance(): Progress {
    const digest = this.snapshot?.digest;
    const progress = this.#guarded((engine) => engine.advance());
    // It trapped, and other rules are active, or none.
    if (!progress || this.snapshot?.digest !== digest) return { code: 'GENERAL' };
    if (progress.code) {
      this.#latest = undefined;
      this.#stop(progress.code, 0);
    } else if (progress.isWhole) {
      this.#good = this.#latest;
    }
    return progress;
  }

  /** The evaluation context. */
  get context(): Context {
    return this.#context;
  }

  set context(context: unknown) {
    this.#context = copyContext(context);
    this.#turned();
    this.#guarded((engine) => engine.context(this.#context));
  }

  /** A flag's value, exposed: one look-up where it was decided before. */
  value<T>(key: string, type: number, fallback: T): T {
    let flag: Flag | Undecided | undefined = this.#flags.get(key);
    if (!(flag?.turn === this.#turn && flag.recorded && (flag.until === undefined || Date.now() < flag.until))) {
      flag = this.#anew(key, type, true, Date.now());
      if (!('index' in flag)) return fallback;
    }
    return flag.variant.type === type ? (flag.variant.value as T) : fallback;
  }

  /** The same with how it came about, and exposed only if told so. Type 0 takes any. */
  details<T>(key: string, type: number, fallback: T, expose: boolean): Details<T> {
    const now = Date.now();
    let flag: Flag | Undecided | undefined = this.#flags.get(key);
    if (!(flag?.turn === this.#turn && (flag.recorded || !expose) && (flag.until === undefined || now < flag.until))) {
      flag = this.#anew(key, type, expose, now);
    }
    if (!('index' in flag)) return Object.freeze({ ...flag, value: fallback });
    if (type && type !== flag.variant.type) return Object.freeze({ ...undecided(key, 'TYPE_MISMATCH'), value: fallback });
    if (flag.detailed !== flag.packed) {
      flag.detailed = flag.packed;
      flag.details = this.#details(key, flag);
    }
    const { details } = flag;
    return (this.#expired(now) ? Object.freeze({ ...details, reason: 'STALE' }) : details) as Details<T>;
  }

  /** What a read of a flag exposes, whatever its type. Nobody is told of it. */
  exposures(key: string): string[] {
    return (
      this.#guarded((engine) => {
        const flag = this.#flag(engine, key);
        // The engine knows those of the flag that it decided last: no other may be decided in between.
        if (!flag) return [];
        this.#settle(engine, flag, this.#clamped(Date.now()));
        return engine.exposures();
      }) ?? []
    );
  }

  /** The first 32 bytes of the SHA-512 of bytes, in hexadecimal; nothing if the engine stopped. */
  digest(bytes: Uint8Array): string | undefined {
    return this.#guarded((engine) => engine.digest(bytes));
  }

  /** Whether the active snapshot has expired. */
  get stale(): boolean {
    return this.#expired(Date.now());
  }

  #expired(now: number): boolean {
    return !!this.snapshot && now >= this.snapshot.expires;
  }

  /** Variant and value of each flag for this context, as texts to compare. */
  all(): Map<string, string> {
    const all = this.#guarded((engine) => {
      const now = this.#clamped(Date.now());
      // Thousands of flags may share a value of megabytes. After so much, variants alone are compared.
      let left = SNAPSHOT_BYTES;
      return Array.from(engine.keys(), (key, index): [string, string] => {
        const place = engine.evaluate(index, now) & INDEX;
        const text = left > 0 ? engine.variant(index, place) : `${place}`;
        left -= text.length;
        return [key, text];
      });
    });
    return new Map(all);
  }

  /** Lets go of the engine: nothing is decided from now on. */
  close(): void {
    if (!this.#broken) attempt(() => this.#engine?.free());
    this.#drop();
  }

  #drop(): void {
    this.#engine?.drop();
    this.snapshot = this.#engine = undefined;
    this.#broken = 0;
    this.#flags.clear();
  }

  /** Throws if the engine traps. */
  #adopt(bytes: Uint8Array, now: number, seen: Seen | undefined): Code | undefined {
    if (!this.#trust || !this.wasm) return this.obstacle;
    if (bytes.length > SNAPSHOT_BYTES) return 'TOO_LARGE';
    let engine = this.#engine;
    if (!engine) {
      engine = this.#engine = new Engine(this.wasm);
      const refused = engine.trust(this.#trust);
      if (refused) return refused;
    }
    if (seen) engine.seen(seen);
    const refused = engine.adopt(bytes, now);
    if (refused) return refused;
    this.snapshot = engine.snapshot;
    this.rules = engine.rules;
    this.#flags = new Map();
    this.#variants = new Map();
    this.#metadata = [];
    engine.context(this.#context);
    if (this.#sticky) engine.sticky(this.#sticky);
    this.preview = this.token && engine.preview(this.token, now);
    return undefined;
  }

  /** Works with the engine. If it traps, it is made anew and the work done again; if that fails too, no snapshot is active. */
  #guarded<T>(work: (engine: Engine) => T): T | undefined {
    for (;;) {
      if (this.#broken) this.#stop('GENERAL', this.#broken);
      const engine = this.snapshot && this.#engine;
      if (!engine) return undefined;
      try {
        return work(engine);
      } catch (error) {
        // What work calls may have replaced it already.
        if (engine !== this.#engine) continue;
        const isTrap = error instanceof WebAssembly.RuntimeError;
        this.#broken = isTrap ? 1 : FULL;
        engine.drop();
        // Otherwise the page's stack is full: there is none left to make an engine with, before the next call.
        if (!isTrap) return undefined;
      }
    }
  }

  /** Restores what was good, and tells if nothing was. */
  #stop(code: Code, cost: number): void {
    this.#restore(code, cost);
    if (!this.snapshot) this.onStop?.(code);
  }

  /** Makes an engine anew from bytes that have chances left, verified again, at the moment at which they were adopted. */
  #restore(code: Code, cost: number): void {
    this.code = code;
    const { snapshot } = this;
    for (const kept of [this.#latest, this.#good]) {
      this.#drop();
      if (!kept || kept.chances < cost) continue;
      kept.chances -= cost;
      try {
        if (this.#adopt(kept.bytes, kept.now, undefined)) continue;
        const engine = this.#engine as unknown as Engine;
        for (const [file, bytes] of this.#lists) engine.list(file, bytes);
        // What is not there is asked for again where it is needed.
        engine.wanted();
        this.#latest = kept;
        this.code = undefined;
        return;
      } catch (error) {
        if (error instanceof WebAssembly.RuntimeError) continue;
        this.#drop();
        this.snapshot = snapshot;
        this.#broken = FULL;
        return;
      }
    }
    this.#drop();
  }

  #turned(): void {
    this.#turn++;
    this.#alone = 0;
  }

  /** The device's clock, but not outside the snapshot's time. */
  #clamped(now: number, { issued, expires } = this.snapshot as Snapshot): number {
    return Math.max(issued, Math.min(now, expires));
  }

  /** A flag as it is decided now, or why it is not. */
  #anew(key: string, type: number, expose: boolean, now: number): Flag | Undecided {
    return this.#guarded((engine) => this.#decide(engine, key, type, expose, now)) ?? nothing(key, this.code);
  }

  #decide(engine: Engine, key: string, type: number, expose: boolean, now: number): Flag | Undecided {
    const flag = this.#flag(engine, key);
    if (!flag) return undecided(key, 'FLAG_NOT_FOUND');
    now = this.#clamped(now);
    this.#settle(engine, flag, now);
    if (!flag.variant.type) return undecided(key, 'PARSE_ERROR');
    if (!flag.recorded && expose && type === flag.variant.type) {
      for (const exposure of engine.exposures()) this.onExposure?.(key, exposure);
      flag.recorded = true;
    }
    // A page that asks for a thirtieth of what it knows asks for the rest, too: at one moment, each takes half the time.
    if (++this.#alone * 32 > this.#flags.size) {
      this.#alone = -Infinity;
      for (const other of this.#flags.values()) {
        // What exposes something is decided when it is read.
        if (other.turn !== this.#turn && !(other.packed & EXPOSED && this.onExposure)) this.#settle(engine, other, now);
      }
    }
    return flag;
  }

  /** Decides a flag. One that cannot be decided is of no turn. */
  #settle(engine: Engine, flag: Flag, now: number): void {
    const packed = engine.evaluate(flag.index, now);
    const until = packed & TIMED ? engine.validUntil() : Infinity;
    const variant = this.#variantOf(engine, flag, packed & INDEX);
    // An error has no variant, and what is none has no type.
    flag.turn = variant.type ? this.#turn : -1;
    flag.packed = packed;
    flag.variant = variant;
    flag.until = until <= (this.snapshot as Snapshot).expires ? until : undefined;
    flag.recorded = !(packed & EXPOSED) || !this.onExposure;
    if (packed & WANTED) this.onWanted?.();
  }

  #flag(engine: Engine, key: string): Flag | undefined {
    let flag = this.#flags.get(key);
    if (!flag && typeof key === 'string' && key.length < KEY_LENGTH) {
      const index = engine.find(key);
      if (index === NONE) return undefined;
      const none = undefined;
      // One literal: objects that are put together of others take 20 bytes more.
      flag = {
        index,
        first: none,
        second: none,
        turn: -1,
        packed: 0,
        variant: NOTHING,
        until: none,
        recorded: false,
        details: none,
        detailed: -1,
      };
      this.#flags.set(key, flag);
    }
    return flag;
  }

  #variantOf(engine: Engine, flag: Flag, place: number): Variant {
    if (place === 0) return (flag.first ??= this.#variant(engine, flag.index, 0));
    if (place === 1) return (flag.second ??= this.#variant(engine, flag.index, 1));
    return this.#variant(engine, flag.index, place);
  }

  #variant(engine: Engine, flag: number, place: number): Variant {
    const text = engine.variant(flag, place);
    let variant = this.#variants.get(text);
    if (!variant) this.#variants.set(text, (variant = parseVariant(text)));
    return variant;
  }

  #details(key: string, { packed, variant }: Flag): Details<unknown> {
    const ruleIndex = (packed >> RULE) & INDEX;
    const { version } = this.snapshot as Snapshot;
    const flagMetadata = (this.#metadata[ruleIndex] ??= Object.freeze(ruleIndex < INDEX ? { version, ruleIndex } : { version }));
    return Object.freeze({
      flagKey: key,
      value: variant.value,
      variant: variant.key,
      reason: reasonOf((packed >> REASON) & 15),
      flagMetadata,
    });
  }
}
