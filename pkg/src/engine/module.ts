/** The engine's wasm: loaded once, and an instance of it for each client. */

import { request } from '../platform/http.js';
import { bytesOf, isUrl } from '../platform/realm.js';
import type { EngineSource } from '../types.js';
import { INTEGRITY } from './integrity.js';

/** The longest response that is read, in bytes. */
const LARGEST = 1 << 22;

/** What the engine's wasm exports: crates/engine says what each does. */
export interface Exports {
  readonly memory: WebAssembly.Memory;
  clear(): void;
  reserve(length: number): number;
  answer(): number;
  trust(): number;
  seen(version: number): void;
  adopt(now: number, preview: boolean): number;
  advance(): number;
  describe(): number;
  keys(): number;
  room(length: number): number;
  context(length: number, anew: boolean): void;
  find(): number;
  evaluate(flag: number, now: number): number;
  valid_until(): number;
  variant(flag: number, variant: number): number;
  exposure(number: number): number;
  sticky(): void;
  wanted(): number;
  list(file: number): number;
  digest(): number;
}

/** The engine's code, compiled once, and an instance of it that nobody uses: no client's yet, or one that a closed client has left. */
export interface Compiled {
  readonly module: WebAssembly.Module;
  idle: Exports | undefined;
}

/** What was loaded, by where it came from. */
const engines = new Map<unknown, Promise<Compiled>>();

/** Loads the engine's code, once for each source; without one, any that is loaded will do. A failure may be tried again. */
export function openEngine(source: EngineSource | undefined): Promise<Compiled> {
  const key = isUrl(source) ? String(source) : source === undefined ? engines.keys().next().value : source;
  let engine = engines.get(key);
  if (!engine) {
    // Whoever brings other bytes each time is not to fill the memory.
    if (engines.size > 9) engines.clear();
    engine = load(source).catch((error) => {
      engines.delete(key);
      throw error;
    });
    engines.set(key, engine);
  }
  return engine;
}

/** Bytes from a URL must match {@link INTEGRITY}. */
async function load(source: EngineSource = new URL('../engine/engine.wasm', import.meta.url)): Promise<Compiled> {
  if (isUrl(source)) {
    source = (await request(source, { integrity: INTEGRITY, redirect: 'follow' }, LARGEST)).bytes;
  }
  const bytes = bytesOf(source);
  // A copy: memory that is shared with other threads is not compiled.
  const module = bytes ? await WebAssembly.compile(bytes.slice()) : (source as WebAssembly.Module);
  return { module, idle: instanceOf(module) };
}

export function instanceOf(module: WebAssembly.Module): Exports {
  return new WebAssembly.Instance(module).exports as unknown as Exports;
}
