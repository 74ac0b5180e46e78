/** Decides flags for one context, and remembers what it decided until time, context or snapshot could change it. */

import { reasonOf } from '../codes.js';
import { SNAPSHOT_BYTES, TEXT_LENGTH } from '../limits.js';
import type { Details, Snapshot } from '../types.js';
import { Active } from './active.js';
import type { Engine, Rules } from './engine.js';
import { type Flag, flagOf } from './flag.js';
import { EXPOSED, INDEX, MISSING, REASON, RULE, TIMED, WANTED } from './packed.js';
import { nothing, type Undecided, undecided } from './undecided.js';
import { parseVariant, type Variant } from './variant.js';

/** Takes what a decision about a randomised flag exposes, as the engine's text. Does not throw. */
export type OnExposure = (flagKey: string, exposure: string) => void;

/** A unit is missing that a trial or a share needs. */
const MISSED = 'TARGETING_KEY_MISSING';
/** The reason of a flag on the kill list. */
const KILLED = 6;
/** No such flag. */
const NONE = -1;
/** Longer keys are nobody's: they would only grow the engine's memory. */
const KEY_LENGTH = TEXT_LENGTH;

/** The active snapshot, and what was decided by it. */
export class Decisions extends Active {
  #flags = new Map<string, Flag>();
  /** Variants by the text that the engine has of them: most flags are on or off. */
  #variants = new Map<string, Variant>();
  /** Raised when all that was decided is to be decided anew. */
  #turn = 0;
  /** How many flags were decided one by one in this turn, before all that are known were. */
  #alone = 0;
  /** By the number of the rule that decided. */
  #metadata: (Details<unknown>['flagMetadata'] | undefined)[] = [];
  /** Called by reads; without it, nothing is exposed. */
  onExposure: OnExposure | undefined;
  /** Called if a decision asked for a list file that is not there. */
  onWanted: (() => void) | undefined;

  protected forget(): void {
    this.#flags = new Map();
    this.#variants = new Map();
    this.#metadata = [];
  }

  protected turned(): void {
    this.#turn++;
    this.#alone = 0;
  }

  /** A flag's value, exposed: one look-up where it was decided before. */
  value<T>(key: string, type: number, fallback: T): T {
    let flag: Flag | Undecided | undefined = this.#flags.get(key);
    if (!(flag?.turn === this.#turn && flag.recorded && (flag.until === undefined || Date.now() < flag.until))) {
      flag = this.#anew(key, type, true, Date.now());
      if (!('index' in flag)) return fallback;
    }
    const { variant } = flag;
    return (variant.type === type ? (variant.value as T | undefined) : undefined) ?? fallback;
  }

  /** The same with how it came about, and exposed only if told so. Type 0 takes any. */
  details<T>(key: string, type: number, fallback: T, expose: boolean): Details<T> {
    const now = Date.now();
    let flag: Flag | Undecided | undefined = this.#flags.get(key);
    if (!(flag?.turn === this.#turn && (flag.recorded || !expose) && (flag.until === undefined || now < flag.until))) {
      flag = this.#anew(key, type, expose, now);
    }
    if (type && 'index' in flag && type !== flag.variant.type) flag = undecided(key, 'TYPE_MISMATCH');
    let details: Details<unknown> | undefined;
    if ('index' in flag) {
      if (flag.detailed !== flag.packed) {
        flag.detailed = flag.packed;
        flag.details = this.#details(key, flag);
      }
      details = this.stale(now) ? Object.freeze({ ...(flag.details as Details<unknown>), reason: 'STALE' }) : flag.details;
    }
    details ??= flag as Undecided;
    return (details.value === undefined ? Object.freeze({ ...details, value: fallback }) : details) as Details<T>;
  }

  /** What a read of a flag exposes, whatever its type. Nobody is told of it. */
  exposures(key: string): string[] {
    return (
      this.guarded((engine) => {
        const flag = this.#flag(engine, key);
        // The engine knows those of the flag that it decided last: no other may be decided in between.
        if (!flag) return undefined;
        this.#settle(engine, flag, this.#clamped(Date.now()));
        return engine.exposures();
      }) ?? []
    );
  }

  /** Whether the active snapshot has expired, or nothing vouches for it any more. */
  stale(now = Date.now()): boolean {
    return !!this.snapshot && now >= Math.min(this.snapshot.expires, this.until);
  }

  /** The keys of all flags. What begins with `$` is none of a ruleset: it has the metadata of others, or what their exposures carry. */
  keys(): string[] {
    const keys = this.guarded((engine) => engine.keys()) ?? [];
    return keys.filter((key) => key[0] !== '$');
  }

  /** Variant and value of each flag for this context, as texts to compare. */
  all(): Map<string, string> {
    const all = this.guarded((engine) => {
      const now = this.#clamped(Date.now());
      // Thousands of flags may share a value of megabytes. After so much, variants alone are compared.
      let left = SNAPSHOT_BYTES;
      return Array.from(engine.keys(), (key, index): [string, string] => {
        // What recorders alone ask for changes nothing that anybody shows.
        if (key.startsWith('$$')) return ['', ''];
        const variant = engine.evaluate(index, now) & INDEX;
        const text = left > 0 ? engine.variant(index, variant) : `${variant}`;
        left -= text.length;
        return [key, text];
      });
    });
    const shown = new Map(all);
    shown.delete('');
    return shown;
  }

  /** The device's clock, but not outside the snapshot's time. */
  #clamped(now: number): number {
    const { issued, expires } = this.snapshot as Snapshot;
    return Math.max(issued, Math.min(now, expires));
  }

  /** A flag as it is decided now, or why it is not. */
  #anew(key: string, type: number, expose: boolean, now: number): Flag | Undecided {
    return this.guarded((engine) => this.#decide(engine, key, type, expose, now)) ?? nothing(key, this.code);
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
    // A page that asks for a thirtieth of what it knows, and for more than one, asks for the rest, too: at one moment, each takes a third of the time.
    if (this.#alone++ * 32 > this.#flags.size) {
      this.#alone = -Infinity;
      // What exposes something is decided when it is read, and draws do.
      const drawn = this.onExposure ? [] : engine.draw(now, this.#flags.size);
      for (const other of this.#flags.values()) {
        if (other.turn !== this.#turn && !(other.packed & EXPOSED && this.onExposure)) this.#settle(engine, other, now, drawn[other.index]);
      }
    }
    return flag;
  }

  /** Decides a flag, unless it is `drawn`. One that cannot be decided is of no turn. */
  #settle(engine: Engine, flag: Flag, now: number, drawn?: number): void {
    const packed = drawn || engine.evaluate(flag.index, now);
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
      flag = flagOf(index);
      this.#flags.set(key, flag);
    }
    return flag;
  }

  #variantOf(engine: Engine, flag: Flag, variant: number): Variant {
    if (variant === 0) return (flag.first ??= this.#variant(engine, flag.index, 0));
    if (variant === 1) return (flag.second ??= this.#variant(engine, flag.index, 1));
    return this.#variant(engine, flag.index, variant);
  }

  #variant(engine: Engine, flag: number, variant: number): Variant {
    const text = engine.variant(flag, variant);
    let parsed = this.#variants.get(text);
    if (!parsed) this.#variants.set(text, (parsed = parseVariant(text)));
    return parsed;
  }

  #details(key: string, { packed, variant }: Flag): Details<unknown> {
    const ruleIndex = (packed >> RULE) & INDEX;
    const { version } = this.snapshot as Snapshot;
    const { attributes, units } = this.rules as Rules;
    const missing = attributes[units[2 * (packed >> MISSING) + 1] as never];
    const reason = (packed >> REASON) & 15;
    const killed = reason === KILLED;
    const flagMetadata = (this.#metadata[killed ? KEY_LENGTH : ruleIndex] ??= Object.freeze({
      version,
      ...(ruleIndex < INDEX && { ruleIndex }),
      ...(killed && { killed }),
    }));
    return Object.freeze({
      flagKey: key,
      value: variant.value,
      // Nothing where it stands for the caller's default.
      variant: (variant.key || undefined) as string,
      reason: reasonOf(reason),
      ...(missing && { errorCode: MISSED, errorMessage: `${MISSED}: ${missing}` }),
      flagMetadata,
    });
  }
}
