/** What this page view has met: which flag showed which variant, by which trials. */

import type { Host } from '../client/host.js';
import type { Engine } from '../engine/engine.js';
import { EXPOSED, INDEX } from '../engine/packed.js';
import { readExposure } from '../exposures/exposure.js';

/** A variant that was exposed. */
interface Met {
  readonly variant: string;
  /** Trials with the unit that was assigned. */
  readonly trials: Set<string>;
  readonly decision: number;
}

/** Trial and unit of an exposure. */
export function trialOf(text: string): string {
  const { experiment, unitKind, unit } = readExposure(text);
  return `${experiment}\n${unitKind}\n${unit}`;
}

/** The index of a flag's variant; -1 if it has none of this key. */
export function placeOf(engine: Engine, flag: number, variant: string): number {
  for (let place = 0; place < INDEX; place++) {
    const text = engine.variant(flag, place);
    if (!text) return -1;
    if (text.startsWith(`${variant}\n`)) return place;
  }
  return -1;
}

/** Wraps an engine's decisions: each engine that adopts rules is wrapped anew. `change` gets the flag, its key, and what the engine decided. */
export function wrap(
  { decisions }: Host,
  change: (engine: Engine, flag: number, key: string, decide: (now?: number) => number, now: number) => number,
  begin: (engine: Engine, now: number) => void,
): void {
  const before = decisions.onAdopted;
  const raw = new WeakMap<Engine, Engine['evaluate']>();
  decisions.onAdopted = (engine, now) => {
    before?.(engine, now);
    const evaluate = raw.get(engine) ?? engine.evaluate;
    raw.set(engine, evaluate);
    const keys = engine.keys();
    engine.evaluate = (flag, at) => change(engine, flag, keys[flag] ?? '', (other = at) => evaluate.call(engine, flag, other), at);
    begin(engine, now);
  };
}

/** The flags of one page view. */
export class Seen {
  readonly #met = new Map<string, Met>();
  #decision = 0;
  #last = '';

  constructor({ decisions }: Host) {
    const next = decisions.onExposure;
    decisions.onExposure = (key, text) => {
      let met = this.#met.get(key);
      if (met?.decision !== this.#decision) {
        met = { variant: this.#last, trials: new Set(), decision: this.#decision };
        this.#met.set(key, met);
      }
      met?.trials.add(trialOf(text));
      // Recorders evaluate other flags meanwhile, which expose nothing. This decision may have more exposures.
      const [decision, last] = [this.#decision, this.#last];
      next?.(key, text);
      [this.#decision, this.#last] = [decision, last];
    };
  }

  /** The trials that a flag has exposed. */
  trials(key: string): ReadonlySet<string> | undefined {
    return this.#met.get(key)?.trials;
  }

  /**
   * A decision, where the variant that was exposed stays: while the unit is still in the same trials. A disabled flag, a stopped experiment
   * and other rules in front of it are none of these.
   */
  held(engine: Engine, flag: number, key: string, packed: number): number {
    this.#decision++;
    this.#last = engine.variant(flag, packed & INDEX).split('\n', 1)[0] ?? '';
    const met = this.#met.get(key);
    if (!met || !(packed & EXPOSED) || met.variant === this.#last) return packed;
    const trials = engine.exposures().map(trialOf);
    const place = [...met.trials].every((trial) => trials.includes(trial)) ? placeOf(engine, flag, met.variant) : -1;
    // It was recorded when it was met.
    return place < 0 ? packed : (packed & ~INDEX & ~EXPOSED) | place;
  }
}
