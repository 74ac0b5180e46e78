/**
 * The engine as JavaScript, for pages whose policy refuses WebAssembly: `createClient({ fallback: () => import('waft/compat'), ... })`. It is
 * the same engine, translated by binaryen's wasm2js (pkg/tools/compat.mjs), and decides alike.
 */

import { instantiate } from '../engine/compat.js';
import type { Exports } from './engine/exports.js';

/** Instances that closed clients have left. */
const idle: Exports[] = [];

/** An instance of the engine for one client. */
export function pop(): Exports {
  return idle.pop() ?? instantiate();
}

/** Takes back the instance of a client that was closed. */
export function push(left: Exports): void {
  idle.push(left);
}
