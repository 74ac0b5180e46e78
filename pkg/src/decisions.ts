/** Decides flags for one context, and remembers what it decided until time, context or snapshot could change it. */

import { attempt } from './attempt.js';
import { type Code, type ErrorCode, reasonOf, textOf } from './codes.js';
import { copyContext, unitOf } from './context.js';
import { Engine, type ExposureText, type VariantText } from './engine.js';
import type { Seen } from './seen.js';
import type { Context, Details, Snapshot } from './types.js';

/** A flag of the snapshot in force. Its variants are parsed when first met. */
interface Flag {
  readonly index: number;
  readonly variants: (Variant | undefined)[];
}

interface Variant {
  readonly key: string;
  readonly type: number;
  readonly value: unknown;
}

/** A decision, remembered. */
interface Decision {
  readonly details: Details<unknown>;
  /** Of the value; 0 where there is none. */
  readonly type: number;
  /** In milliseconds since 1970; infinite if time will not change it before the snapshot expires. */
  readonly until: number;
  /** Whether a read has nothing left to record. */
  readonly recorded: boolean;
}

/** Takes what a decision about a randomised flag exposes. Does not throw. */
export type OnExposure = (flagKey: string, exposure: ExposureText) => void;

/** `waft::limits::SNAPSHOT_BYTES`. */
export const SNAPSHOT_BYTES = 64 << 20;
/** No such flag. */
const NONE = 0xffff_ffff;
/** Bits of a packed decision: it makes exposures; a list file is not there. */
const EXPOSED = 1 << 24;
const WANTED = 1 << 25;
/** Longer keys are nobody's: they would only grow the engine's memory. */
const KEY_LENGTH = 65_536;

/** The snapshot in force, the context, and what was decided. */
export class Decisions {
  readonly #trust: Uint8Array | undefined;
  readonly #onExposure: OnExposure | undefined;
  readonly #onStop: () => void;
  readonly #onWanted: () => void;
  readonly #decided = new Map<string, Decision>();
  #flags = new Map<string, Flag>();
  #engine: Engine | undefined;
  #attributes: string[] = [];
  #units: [string, number][] = [];
  #sticky = '';
  #context: Context = copyContext(undefined);
  /** From what a trapped engine is made anew: once for each adoption. */
  #good: Uint8Array | undefined;
  /** The memory of the loaded engine; nothing is decided before. */
  memory: WebAssembly.Memory | undefined;
  /** The snapshot in force. */
  snapshot: Snapshot | undefined;
  /** Why there is none. */
  code: Code | undefined;

  /** `onStop` is called if the engine stopped for good, `onWanted` if a decision asked for a list file that is not there. */
  constructor(
    trust: Uint8Array | undefined,
    onExposure: OnExposure | undefined,
    onStop: () => void,
    onWanted: () => void,
  ) {
    this.#trust = trust;
    this.#onExposure = onExposure;
    this.#onStop = onStop;
    this.#onWanted = onWanted;
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

  /** Takes a list file; what was decided without it is decided anew. Answers why it is refused. */
  list(file: number, bytes: Uint8Array): Code | undefined {
    this.#decided.clear();
    return this.#guarded((engine) => engine.list(file, bytes));
  }

  /** Why nothing can be adopted. */
  get obstacle(): Code | undefined {
    return !this.#trust ? 'INVALID_TRUST' : !this.memory ? 'ENGINE_FAILED' : undefined;
  }

  /** Puts a snapshot in force, or answers why not: then what was in force stays. */
  adopt(bytes: Uint8Array, seen: Seen | undefined): Code | undefined {
    let code: Code | undefined;
    try {
      code = this.#adopt(bytes, Date.now(), seen);
      if (!code) this.#good = bytes;
    } catch {
      this.#restore();
      code = 'GENERAL';
    }
    this.code = this.snapshot ? undefined : code;
    return code;
  }

  /** The evaluation context. */
  get context(): Context {
    return this.#context;
  }

  set context(context: unknown) {
    this.#context = copyContext(context);
    this.#decided.clear();
    this.#guarded((engine) => engine.context(this.#context, this.#attributes));
  }

  /** Every unit that the context knows, by name. */
  units(): [string, string][] {
    return this.#units.flatMap(([name, slot]) => {
      const unit = unitOf(this.#context[this.#attributes[slot] ?? '']);
      return unit === undefined ? [] : [[name, unit]];
    });
  }

  /** A flag's value, exposed: one look-up where it was decided before. */
  value<T>(key: string, type: number, fallback: T): T {
    const known = this.#decided.get(key);
    return known?.recorded && known.type === type && (known.until === Infinity || Date.now() < known.until)
      ? (known.details.value as T)
      : this.details(key, type, fallback, true).value;
  }

  /** The same with how it came about, and exposed only if told so. Type 0 takes any. */
  details<T>(key: string, type: number, fallback: T, expose: boolean): Details<T> {
    let known = this.#decided.get(key);
    if (!known || (expose && !known.recorded) || Date.now() >= known.until) {
      known = this.#guarded((engine) => this.#decide(engine, key, type, expose)) ?? nothing(key, this.code);
    }
    if (type && known.type && type !== known.type) known = undecided(key, 'TYPE_MISMATCH');
    const { details } = known;
    if (!known.type) return Object.freeze({ ...details, value: fallback });
    return (this.stale ? Object.freeze({ ...details, reason: 'STALE' }) : details) as Details<T>;
  }

  /** Whether the snapshot in force has expired. */
  get stale(): boolean {
    return !!this.snapshot && Date.now() >= this.snapshot.expires;
  }

  /** Variant and value of each flag for this context, as texts to compare. */
  all(): Map<string, string> {
    const all = this.#guarded((engine) => {
      const now = this.#now();
      return engine.keys().map((key, index): [string, string] => {
        const { key: variant, json } = engine.variant(index, engine.evaluate(index, now) & 255);
        return [key, `${variant} ${json}`];
      });
    });
    return new Map(all);
  }

  /** Lets go of the engine: nothing is decided from now on. */
  close(): void {
    this.snapshot = undefined;
    this.#decided.clear();
    // A trapped engine cannot be freed.
    attempt(() => this.#engine?.free());
    this.#engine = undefined;
  }

  /** Throws if the engine traps. */
  #adopt(bytes: Uint8Array, now: number, seen: Seen | undefined): Code | undefined {
    if (!this.#trust || !this.memory) return this.obstacle;
    if (bytes.length > SNAPSHOT_BYTES) return 'TOO_LARGE';
    let engine = this.#engine;
    if (!engine) {
      engine = this.#engine = new Engine(this.memory);
      const refused = engine.trust(this.#trust);
      if (refused) return refused;
    }
    if (seen) engine.seen(seen);
    const refused = engine.adopt(bytes, now);
    if (refused) return refused;
    [this.snapshot, this.#attributes, this.#units] = engine.describe();
    this.#flags = new Map();
    this.#decided.clear();
    engine.context(this.#context, this.#attributes);
    if (this.#sticky) engine.sticky(this.#sticky);
    return undefined;
  }

  /** Works with the engine. If it traps, it is made anew and the work done again; if that fails too, nothing is in force. */
  #guarded<T>(work: (engine: Engine) => T): T | undefined {
    for (let tries = 0; tries < 2 && this.snapshot && this.#engine; tries++) {
      try {
        return work(this.#engine);
      } catch {
        this.#restore();
      }
    }
    return undefined;
  }

  /** Makes a trapped engine anew from the last good bytes, at a moment at which they were good. */
  #restore(): void {
    const [good, snapshot] = [this.#good, this.snapshot];
    this.#good = undefined;
    this.close();
    try {
      if (good && snapshot) this.#adopt(good, Math.min(this.#now(snapshot), snapshot.expires - 1), undefined);
    } catch {
      this.close();
    }
    if (this.snapshot) return;
    this.code = 'GENERAL';
    if (snapshot) this.#onStop();
  }

  /** The device's clock, but not outside the snapshot's time. */
  #now({ issued, expires } = this.snapshot as Snapshot): number {
    return Math.max(issued, Math.min(Date.now(), expires));
  }

  #decide(engine: Engine, key: string, type: number, expose: boolean): Decision {
    const flag = this.#flag(engine, key);
    if (!flag) return undecided(key, 'FLAG_NOT_FOUND');
    const packed = engine.evaluate(flag.index, this.#now());
    const [place, ruleIndex] = [packed & 255, (packed >> 8) & 255];
    const until = engine.validUntil();
    const variant = (flag.variants[place] ??= parse(engine.variant(flag.index, place)));
    if ((packed >> 20) & 15 || !variant.type) return undecided(key, 'PARSE_ERROR');

    let recorded = !(packed & EXPOSED) || !this.#onExposure;
    if (!recorded && expose && type === variant.type) {
      engine.exposures().forEach((exposure) => this.#onExposure?.(key, exposure));
      recorded = true;
    }
    if (packed & WANTED) this.#onWanted();
    const { version, expires } = this.snapshot as Snapshot;
    const details = Object.freeze({
      flagKey: key,
      value: variant.value,
      variant: variant.key,
      reason: reasonOf((packed >> 16) & 15),
      flagMetadata: Object.freeze(ruleIndex < 255 ? { version, ruleIndex } : { version }),
    });
    const decision = { details, type: variant.type, until: until < expires ? until : Infinity, recorded };
    this.#decided.set(key, decision);
    return decision;
  }

  #flag(engine: Engine, key: string): Flag | undefined {
    let flag = this.#flags.get(key);
    if (!flag && typeof key === 'string' && key.length < KEY_LENGTH) {
      const index = engine.find(key);
      if (index !== NONE) this.#flags.set(key, (flag = { index, variants: [] }));
    }
    return flag;
  }
}

/** A value that cannot be read has type 0. */
function parse({ key, type, json }: VariantText): Variant {
  const value = attempt(() => deepFreeze(JSON.parse(json)));
  return { key, type: value === undefined ? 0 : type, value };
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

/** No decision, because of the flag. */
function undecided(key: string, errorCode: ErrorCode, code?: Code): Decision {
  const flagKey = typeof key === 'string' ? key : '';
  const details = { flagKey, value: undefined, reason: 'ERROR', errorCode, flagMetadata: {} } as const;
  return { details: code ? { ...details, errorMessage: textOf(code) } : details, type: 0, until: 0, recorded: true };
}

/** No decision, because nothing is in force. */
function nothing(key: string, code: Code | undefined): Decision {
  const errorCode = !code || code === 'UNREACHABLE' ? 'PROVIDER_NOT_READY' : code === 'GENERAL' ? code : 'PROVIDER_FATAL';
  return undecided(key, errorCode, code);
}
