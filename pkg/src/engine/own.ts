/** The engine that comes with this package: its code is in the JavaScript, so that nothing is requested and no bundler has a file to copy. */

import { attempt } from '../platform/attempt.js';
import { ENGINE } from './engine-wasm.js';
import { type Compiled, exportsOf, type Reserved, reserve } from './module.js';
import { unpack } from './unpack.js';

let compiled: Compiled | undefined;
let compiling: Promise<Compiled> | undefined;

/**
 * Compiles the engine, once for a page: whether a page may does not change. Another thread does it, as in a first page view that takes long. Where
 * `isAgain` tells of an earlier one the page waits: all else is fast then, and the other thread's answer would be behind the browser's own work.
 */
export async function openOwn(isAgain?: () => unknown): Promise<Reserved> {
  if (!compiling) {
    // Asked for before it is read: browsers open it, in another process, while the engine is unpacked.
    attempt(() => globalThis.localStorage);
    const code = unpack(ENGINE);
    if (isAgain?.()) attempt(() => openNow(code));
    compiling ??= WebAssembly.instantiate(code).then(({ module, instance }) => (compiled = { module, idle: [exportsOf(instance)] }));
  }
  return reserve(await compiling);
}

/** The same while the page waits. Throws where the browser refuses, as Chromium does before 114. */
export function openNow(code?: Uint8Array<ArrayBuffer>): Reserved {
  compiled ??= { module: new WebAssembly.Module(code ?? unpack(ENGINE)), idle: [] };
  compiling ??= Promise.resolve(compiled);
  return { ...compiled, first: undefined };
}
