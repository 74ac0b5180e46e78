/** The engine's wasm, compiled, and its instances: one for each client. own.ts has the code, or elsewhere.ts loads it. */

import type { Exports } from './exports.js';

/** Instances that closed clients have left. */
export type Idle = Pick<Exports[], 'pop' | 'push'>;

/** The engine's code, compiled once for a page, and what is left of it. Without code, as where it is JavaScript, some is always left. */
export interface Compiled {
  readonly module?: WebAssembly.Module | undefined;
  readonly idle: Idle;
}

/** The same with an instance for one client. */
export interface Reserved extends Compiled {
  first: Exports | undefined;
}

/** Chromium before 114 makes no instance of over 4 kB while the page waits for it, so that this is a promise. */
export async function reserve({ module, idle }: Compiled): Promise<Reserved> {
  return { module, idle, first: idle.pop() ?? exportsOf(await WebAssembly.instantiate(module as WebAssembly.Module)) };
}

/** Gives a reserved instance back, for the next client. */
export function giveBack({ idle, first }: Reserved): void {
  if (first) idle.push(first);
}

/** An instance, at once: the reserved one, or where that one trapped, another. */
export function take(wasm: Reserved): Exports {
  const { first } = wasm;
  wasm.first = undefined;
  return first ?? wasm.idle.pop() ?? exportsOf(new WebAssembly.Instance(wasm.module as WebAssembly.Module));
}

export function exportsOf({ exports }: WebAssembly.Instance): Exports {
  return exports as unknown as Exports;
}
