/** Overrides: variants that a developer or a test fixes in this browser, of those that the signed rules have. */

import type { Host, Opened } from '../client/host.js';
import type { Engine } from '../engine/engine.js';
import { COMPLETE, INDEX, REASON, RULE } from '../engine/packed.js';
import { parseVariant } from '../engine/variant.js';
import { attempt, isRecord, membersOf } from '../platform/attempt.js';
import { keyOf } from '../storage/local.js';
import type { Plug } from '../types.js';

/** The number of a killed flag's reason. */
const KILLED = 6;

/** A variant's name, or the value of one that is no object. */
export type Fixed = string | number | boolean;

/** Where overrides are kept: until the tab is closed, for all pages of the origin, or not at all. */
export type Keep = 'tab' | 'origin' | 'page';

/** A variant, by its name, and its value. */
export interface Choice {
  readonly variant: string;
  readonly value: unknown;
}

/** What fixes flags: handed to clients, and asked to fix others or to undo it. */
export interface Overrides extends Plug<'overrides'> {
  /**
   * Fixes a flag, and keeps that. False where no client's rules have such a variant, now: it takes effect once they have.
   *
   * @example fixed.set('checkout', 'one-page');
   */
  set(key: string, to: Fixed): boolean;
  /** Undoes it for a flag, or for all. */
  clear(key?: string): void;
  /** The flags that are fixed, and their variants, as `status().overrides` has them. */
  all(): Readonly<Record<string, string>>;
  /** The variants that a flag has; none where no rules are active. */
  variants(key: string): readonly Choice[];
}

/**
 * Fixes flags in this browser: they evaluate to the variant with the reason `STATIC`, whoever is asking, and expose nothing. It names
 * variants of the active rules alone; what is none is told by an `error` event, and changes nothing. `status().overrides` has what is fixed.
 * A killed flag is off all the same.
 * Flags whose rules ask for a fixed one are decided as if it were not.
 *
 * @example
 * const fixed = overrides({ 'free-shipping': true });
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, overrides: fixed });
 * fixed.set('checkout', 'one-page');
 */
export function overrides(flags?: Readonly<Record<string, Fixed>>, options?: { readonly keep?: Keep | undefined }): Overrides {
  const fixed = new Map(Object.entries(membersOf(flags) as Record<string, Fixed>));
  const { keep = 'tab', ...unread } = membersOf(options);
  const clients = new Set<Fixing>();
  const change = (changed: () => void): void => {
    changed();
    for (const client of clients) client.change();
  };
  const all = (): Record<string, string> => Object.fromEntries(Array.from(clients, ({ shown }) => Object.entries(shown)).flat());
  return {
    kind: 'overrides',
    unread,
    open(host: Host): Opened {
      // Told as `INVALID_OPTION`.
      if (flags !== undefined && !isRecord(flags)) throw flags;
      const fixing = new Fixing(host, fixed, keep);
      clients.add(fixing);
      return {
        get notice() {
          return fixing.notice;
        },
        facts: () => (Object.keys(fixing.shown).length ? { overrides: fixing.shown } : {}),
        close: () => clients.delete(fixing),
      };
    },
    set(key, to) {
      change(() => fixed.set(String(key), to));
      return Object.hasOwn(all(), String(key));
    },
    clear: (key) => change(() => (key === undefined ? fixed.clear() : fixed.delete(key))),
    all,
    variants(key) {
      for (const client of clients) {
        const found = client.variants(key);
        if (found.length) return found;
      }
      return [];
    },
  };
}

/** What is fixed for one client. */
class Fixing {
  readonly #host: Host;
  readonly #fixed: Map<string, Fixed>;
  readonly #storage: () => Storage | undefined;
  readonly #key: string;
  /** Whose decisions are changed: each engine is, once. */
  readonly #engines = new WeakSet<Engine>();
  #places = new Map<number, number>();
  #wrong: readonly string[] = [];
  /** Variants by flag. */
  shown: Readonly<Record<string, string>> = {};

  constructor(host: Host, fixed: Map<string, Fixed>, keep: Keep) {
    this.#host = host;
    this.#fixed = fixed;
    this.#key = keyOf('overrides', host.project, host.environment);
    // Where the browser refuses storage, looking at it throws.
    this.#storage = () => attempt(() => ({ tab: globalThis.sessionStorage, origin: globalThis.localStorage, page: undefined })[keep]);
    for (const [flag, to] of this.#kept()) fixed.set(flag, to);
    const { decisions, events } = host;
    const before = decisions.onAdopted;
    decisions.onAdopted = (engine, now) => {
      // Whatever else changes decisions, such as a kill, comes after it.
      this.#wrap(engine);
      const last = this.#wrong.join();
      this.#find(engine);
      const { notice } = this;
      if (notice && last !== this.#wrong.join()) queueMicrotask(() => events.emit('error', notice));
      before?.(engine, now);
    };
  }

  /** What was to be fixed and cannot be. */
  get notice(): Opened['notice'] {
    const code = 'INVALID_OPTION';
    return this.#wrong.length ? { code, message: `${code}: overrides: no such variant: ${this.#wrong.join(', ')}` } : undefined;
  }

  /** Other flags are fixed: kept, decided anew, and told. */
  change(): void {
    const { decisions, events } = this.#host;
    const kept = JSON.stringify([...this.#fixed]);
    attempt(() => (this.#fixed.size ? this.#storage()?.setItem(this.#key, kept) : this.#storage()?.removeItem(this.#key)));
    const before = decisions.all();
    decisions.guarded((engine) => this.#find(engine));
    const { context, snapshot } = decisions;
    // What was decided before is to be decided anew.
    decisions.context = context;
    const now = decisions.all();
    const flagsChanged = [...now.keys()].filter((key) => before.get(key) !== now.get(key));
    if (snapshot && flagsChanged.length) events.emit('configurationChanged', { version: snapshot.version, flagsChanged });
    if (this.notice) events.emit('error', this.notice);
  }

  variants(key: string): Choice[] {
    return this.#host.decisions.guarded((engine) => choices(engine, key)) ?? [];
  }

  /** Storage is whoever's, so all of it is checked. */
  #kept(): [string, Fixed][] {
    const kept: unknown = attempt(() => JSON.parse(this.#storage()?.getItem(this.#key) ?? '[]'));
    return Array.isArray(kept) ? kept.filter((entry) => Array.isArray(entry) && typeof entry[0] === 'string' && isFixed(entry[1])) : [];
  }

  #wrap(engine: Engine): void {
    if (this.#engines.has(engine)) return;
    this.#engines.add(engine);
    const { evaluate, exposures } = engine;
    let place: number | undefined;
    engine.evaluate = (flag, now) => {
      place = this.#places.get(flag);
      const packed = evaluate.call(engine, flag, now);
      // A kill holds in every browser.
      if (((packed >> REASON) & 15) === KILLED) place = undefined;
      return place === undefined ? packed : place | (INDEX << RULE) | COMPLETE;
    };
    // The engine has those of a decision before.
    engine.exposures = () => (place === undefined ? exposures.call(engine) : []);
  }

  /** Looks up which variants are meant. */
  #find(engine: Engine): void {
    const [places, shown, wrong]: [Map<number, number>, [string, string][], string[]] = [new Map(), [], []];
    for (const [key, to] of this.#fixed) {
      const found = choices(engine, key);
      const named = found.findIndex(({ variant }) => variant === to);
      const place = named < 0 ? found.findIndex(({ value }) => value === to) : named;
      if (place < 0) {
        wrong.push(`${key}=${to}`);
      } else {
        places.set(engine.find(key), place);
        shown.push([key, found[place]?.variant ?? '']);
      }
    }
    this.#places = places;
    this.shown = Object.freeze(Object.fromEntries(shown));
    this.#wrong = wrong;
  }
}

function isFixed(value: unknown): value is Fixed {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** The variants of a flag, in their order. */
function choices(engine: Engine, key: string): Choice[] {
  const flag = engine.find(key);
  const found: Choice[] = [];
  for (let text: string; flag >= 0 && found.length < INDEX && (text = engine.variant(flag, found.length)); ) {
    const { key: variant, value } = parseVariant(text);
    found.push({ variant, value });
  }
  return found;
}
