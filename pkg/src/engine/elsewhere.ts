/** The engine as a page brings it, or from where it is: for `waft/lean`. */

import { inTime } from '../platform/deadline.js';
import { request } from '../platform/http.js';
import { bytesOf, isUrl, kindOf } from '../platform/realm.js';
import type { EngineSource } from '../types.js';
import { INTEGRITY } from './integrity.js';
import { type Compiled, type Reserved, reserve } from './module.js';

/** The longest response that is read, in bytes. */
const LARGEST = 1 << 22;

/** What was loaded, by where it came from. */
const engines = new Map<unknown, Promise<Compiled>>();

/** Loads the engine's code, once for each source; without one, any that is loaded will do. A failure may be tried again. */
export async function openEngine(source: EngineSource | undefined): Promise<Reserved> {
  const key = isUrl(source) ? String(source) : source === undefined ? engines.keys().next().value : source;
  let engine = engines.get(key);
  if (!engine) {
    // Whoever brings other bytes each time is not to fill the memory.
    if (engines.size > 9) engines.clear();
    engine = load(source).then(
      (module) => ({ module, idle: [] }),
      (error) => {
        engines.delete(key);
        throw error;
      },
    );
    engines.set(key, engine);
  }
  return reserve(await engine);
}

/** Bytes from a URL must match {@link INTEGRITY}; a response is compiled while it comes. Rejects where there is none. */
async function load(source: EngineSource | undefined): Promise<WebAssembly.Module> {
  if (kindOf(source) === 'Response') return inTime(WebAssembly.compileStreaming(source as Response));
  const bytes = isUrl(source) ? (await request(source, { integrity: INTEGRITY, redirect: 'follow' }, LARGEST)).bytes : bytesOf(source);
  // A copy: memory that is shared with other threads is not compiled.
  return bytes ? WebAssembly.compile(bytes.slice()) : (source as WebAssembly.Module);
}
