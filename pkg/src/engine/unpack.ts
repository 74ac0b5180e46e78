/** The engine's wasm from its text: pkg/tools/pack.mjs says how it is packed. Another wasm unpacks it, ten times as fast as JavaScript would. */

import { unshifted } from '../platform/bytes.js';
import { UNPACK } from './engine-wasm.js';

/** Where the other wasm leaves the bytes. */
const START = 0x20000;

/** Throws where WebAssembly is not allowed. */
export function unpack(text: string): Uint8Array<ArrayBuffer> {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(unshifted(UNPACK, 33)));
  const { memory, unpack } = exports as unknown as { memory: WebAssembly.Memory; unpack(): number };
  const bytes = new Uint8Array(memory.buffer);
  new TextEncoder().encodeInto(text, bytes);
  return bytes.subarray(START, unpack());
}
