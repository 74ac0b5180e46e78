/** The engine that comes with this package: its code is in the JavaScript, so that nothing is requested and no bundler has a file to copy. */

import { ENGINE } from './engine-wasm.js';
import { type Compiled, exportsOf, type Reserved, reserve } from './module.js';
import { unpack } from './unpack.js';

let compiled: Compiled | undefined;
let compiling: Promise<Compiled> | undefined;

/** Compiles the engine, once for a page: whether a page may does not change. */
export async function openOwn(): Promise<Reserved> {
  compiling ??= WebAssembly.instantiate(unpack(ENGINE)).then(
    ({ module, instance }) => (compiled = { module, idle: [exportsOf(instance)] }),
  );
  return reserve(await compiling);
}

/** The same while the page waits. Throws where the browser refuses, as Chromium does before 114. */
export function openNow(): Reserved {
  compiled ??= { module: new WebAssembly.Module(unpack(ENGINE)), idle: [] };
  compiling ??= Promise.resolve(compiled);
  return { ...compiled, first: undefined };
}
