/** The active snapshot, in an engine that survives its traps: it is made anew from bytes that were good, and the work is done again. */

import type { Code } from '../codes.js';
import { SNAPSHOT_BYTES } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import type { Seen } from '../storage/seen.js';
import type { Context, Snapshot } from '../types.js';
import { copyContext } from './context.js';
import { Engine, type Progress, type Rules } from './engine.js';
import type { Reserved } from './module.js';

/** Bytes that were adopted, at which moment, and how often an engine that trapped may still be made anew from them. */
interface Kept {
  readonly bytes: Uint8Array;
  readonly now: number;
  readonly isOwn: boolean | undefined;
  chances: number;
}

/**
 * What stands before an engine: the bytes that it may adopt, of those that are to be active, or why not. `isOwn` are those that are in the
 * page.
 */
export type Gate = (active: Active, engine: Engine, bytes: Uint8Array, now: number, isOwn: boolean | undefined) => Uint8Array | Code;

/** What it costs of an engine's chances that the page's stack was full, where a trap costs 1. */
const FULL = 0.005;

/** What an engine is given, and given anew. Whoever decides with it extends this. */
export abstract class Active {
  #engine: Engine | undefined;
  #sticky = '';
  #context: Context = copyContext(undefined);
  /** What was adopted last, with the list files that came for it; and what was last found whole. An engine is made anew from them. */
  #latest: Kept | undefined;
  #lists = new Map<number, Uint8Array>();
  #good: Kept | undefined;
  /** What it costs to make the engine anew, if it is to be: it is not called before. */
  #broken = 0;
  /** Whose snapshots it takes, in the engine's form. */
  trust: Uint8Array | undefined;
  /** The loaded engine; nothing is decided before. */
  wasm: Reserved | undefined;
  /** The active snapshot. */
  snapshot: Snapshot | undefined;
  /** Why there is none. */
  code: Code | undefined;
  /** Until when something else than its signatures vouches for it, in milliseconds since 1970. */
  until = Infinity;
  /** What asks for more than signatures. */
  gate: Gate | undefined;
  /** How contexts are read for it. */
  rules: Rules | undefined;
  /** Called with the engine when it has adopted a snapshot, also anew; does not throw unless the engine traps. */
  onAdopted: ((engine: Engine, now: number) => void) | undefined;
  /** Called if the engine stopped for good. */
  onStop: ((code: Code) => void) | undefined;

  constructor(trust: Uint8Array | undefined) {
    this.trust = trust;
  }

  /** The rules are others, or none: nothing that was read of the last ones holds. */
  protected abstract forget(): void;

  /** Whatever was decided may be decided otherwise. */
  protected abstract turned(): void;

  /** The evaluation context. */
  get context(): Context {
    return this.#context;
  }

  set context(context: unknown) {
    this.#context = copyContext(context);
    this.turned();
    this.guarded((engine) => engine.context(this.#context));
  }

  /** What is remembered of earlier page views: lines of a sticky id, a space, and a variant's key. */
  set sticky(lines: string) {
    this.#sticky = lines;
    this.guarded((engine) => engine.sticky(lines));
  }

  /** The list files that decisions asked for since the last call and that are not there: number and digest. */
  wanted(): [number, string][] {
    return this.guarded((engine) => engine.wanted()) ?? [];
  }

  /** Takes a list file; what was decided without it is decided anew. Returns why it is refused. */
  list(file: number, bytes: Uint8Array): Code | undefined {
    this.turned();
    const code = this.guarded((engine) => engine.list(file, bytes) ?? '') ?? 'GENERAL';
    if (!code) this.#lists.set(file, bytes);
    return code || undefined;
  }

  /** Why nothing can be adopted. Without an engine first: where there is no TextEncoder, as in Jest's jsdom, a good trust cannot be read either. */
  get obstacle(): Code | undefined {
    return !this.wasm ? 'ENGINE_FAILED' : !this.trust ? 'INVALID_TRUST' : undefined;
  }

  /** Makes a snapshot active, or returns why not: then the one before stays active. */
  adopt(bytes: Uint8Array, seen: Seen | undefined, isOwn?: boolean): Code | undefined {
    const now = Date.now();
    let code: Code | undefined;
    if (this.#broken) this.#restore('GENERAL', 0);
    try {
      code = this.#adopt(bytes, now, seen, isOwn);
      if (!code) [this.#latest, this.#lists] = [{ bytes, now, isOwn, chances: 1.5 }, new Map()];
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
    const progress = this.guarded((engine) => engine.advance());
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

  /** Lets go of the engine: nothing is decided from now on. */
  close(): void {
    if (!this.#broken) attempt(() => this.#engine?.free());
    this.#drop();
    this.forget();
  }

  /** Where the page's stack is full it throws, and nothing has changed. */
  #drop(): void {
    this.turned();
    this.#engine?.drop();
    this.snapshot = this.#engine = undefined;
    this.#broken = 0;
  }

  /** Throws if the engine traps. */
  #adopt(bytes: Uint8Array, now: number, seen: Seen | undefined, isOwn: boolean | undefined): Code | undefined {
    if (!this.trust || !this.wasm) return this.obstacle;
    if (bytes.length > SNAPSHOT_BYTES) return 'TOO_LARGE';
    let engine = this.#engine;
    if (!engine) {
      engine = this.#engine = new Engine(this.wasm);
      const refused = engine.trust(this.trust);
      if (refused) return refused;
    }
    if (seen) engine.seen(seen);
    const passed = this.gate?.(this, engine, bytes, now, isOwn) ?? bytes;
    const refused = typeof passed === 'string' ? passed : engine.adopt(passed, now);
    if (refused) return refused;
    this.snapshot = engine.snapshot;
    this.rules = engine.rules;
    this.forget();
    engine.context(this.#context);
    if (this.#sticky) engine.sticky(this.#sticky);
    this.onAdopted?.(engine, now);
    return undefined;
  }

  /** Works with the engine. If it traps, it is made anew and the work done again; if that fails too, no snapshot is active. */
  guarded<T>(work: (engine: Engine) => T): T | undefined {
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
        if (this.#adopt(kept.bytes, kept.now, undefined, kept.isOwn)) continue;
        const engine = this.#engine as unknown as Engine;
        for (const [file, bytes] of this.#lists) engine.list(file, bytes);
        // What is not there is asked for again where it is needed.
        engine.wanted();
        this.#latest = kept;
        this.code = undefined;
        return;
      } catch (error) {
        if (error instanceof WebAssembly.RuntimeError) continue;
        // Before any call, which might throw as well. The engine is dropped when it is to be made anew.
        this.snapshot = snapshot;
        this.#broken = FULL;
        return;
      }
    }
    this.#drop();
  }
}
