/** The flags of a client in memory: each has the value that a test gave it. No rules. */

import type { ErrorCode } from '../codes.js';
import { undecided } from '../engine/undecided.js';
import { attempt } from '../platform/attempt.js';
import type { Details, Exposure } from '../types.js';

/** What a test may say of a flag beside its value. */
export interface FlagOptions<Variant extends string = string> {
  /** The variant's name. Default: the value, as JSON; a boolean's is `on` or `off`. */
  readonly variant?: Variant | undefined;
  /** The experiment that a read exposes the unit to. Default: none, and reads expose nothing. */
  readonly experiment?: string | undefined;
}

interface Flag {
  readonly details: Details<unknown>;
  readonly experiment: string | undefined;
}

/** Flags by key, and who was exposed to them. */
export class Flags {
  readonly #flags = new Map<string, Flag>();
  readonly #exposed = new Set<string>();
  /** Why none can be read, if so. */
  obstacle: ErrorCode | undefined;

  /** Gives a flag a value, which is copied and frozen; without one it is removed. Returns whether value or variant differ from before. */
  set(key: string, value: unknown, { variant, experiment }: FlagOptions): boolean {
    const before = this.#flags.get(key);
    if (value === undefined) return this.#flags.delete(key);
    // As a snapshot holds it: JSON.
    const text = attempt(() => JSON.stringify(value));
    if (!text || value === null || (typeof value === 'number' && !Number.isFinite(value))) {
      throw new TypeError(`flag ${key}: expected a boolean, a string, a finite number or an object`);
    }
    const details = Object.freeze({
      flagKey: key,
      value: frozen(JSON.parse(text)),
      variant: variant ?? (typeof value === 'boolean' ? (value ? 'on' : 'off') : text),
      reason: experiment === undefined ? 'STATIC' : 'SPLIT',
      flagMetadata: Object.freeze({}),
    } as const);
    this.#flags.set(key, { details, experiment });
    return before?.details.variant !== details.variant || JSON.stringify(before.details.value) !== text;
  }

  keys(): string[] {
    return this.obstacle ? [] : [...this.#flags.keys()];
  }

  /** The flag's details, or the default's. Without a type, or with `undefined`, any will do. */
  read<T>(key: string, type: string, fallback: T): Details<T> {
    const details = this.obstacle ? undefined : this.#flags.get(key)?.details;
    const fits = !details || type === 'undefined' || typeof details.value === type;
    if (details && fits) return details as Details<T>;
    const errorCode = this.obstacle ?? (fits ? 'FLAG_NOT_FOUND' : 'TYPE_MISMATCH');
    return Object.freeze({ ...undecided(key, errorCode), value: fallback, flagMetadata: Object.freeze({}) });
  }

  /** What a read exposes the unit to, if it was not before. */
  exposure(key: string, unit: string): Exposure | undefined {
    const flag = this.obstacle ? undefined : this.#flags.get(key);
    if (flag?.experiment === undefined) return undefined;
    const { experiment } = flag;
    const variant = flag.details.variant as string;
    const once = JSON.stringify([unit, experiment, variant]);
    if (this.#exposed.has(once)) return undefined;
    this.#exposed.add(once);
    const id = this.#exposed.size.toString(16).padStart(32, '0');
    return Object.freeze({ id, flagKey: key, experiment, phase: 1, variant, rule: 'test', unitKind: 'visitor', unit, point: 0 });
  }
}

/** The value, with all in it frozen. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
