/** The engine that comes with this package: its code is in the JavaScript, so that nothing is requested and no bundler has a file to copy. */

import { unpack } from '../platform/bytes.js';
import { ENGINE } from './engine-wasm.js';
import { type Compiled, exportsOf, type Reserved, reserve } from './module.js';

let compiled: Promise<Compiled> | undefined;

/** Compiles the engine, once for a page: whether a page may does not change. */
export async function openOwn(): Promise<Reserved> {
  compiled ??= WebAssembly.instantiate(unpack(ENGINE)).then(({ module, instance }) => ({ module, idle: [exportsOf(instance)] }));
  return reserve(await compiled);
}
