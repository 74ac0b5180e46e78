/** What crosses the border of the studio and of the workbench: contexts in, plain data and errors out. */

import { copyContext } from '../engine/context.js';
import { TEXT_LENGTH } from '../limits.js';
import { wellFormed } from '../platform/bytes.js';
import { timeOf } from '../platform/realm.js';
import type { Context } from '../types.js';

/** What wasm throws as an error: a text, or a code and a text. */
function told(thrown: unknown): Error {
  if (typeof thrown !== 'object' || thrown === null) return new Error(String(thrown));
  const { code, message } = thrown as { code: string; message: string };
  return Object.assign(new Error(message), { code });
}

/** An instance that wasm-bindgen's glue calls: how often it has trapped, and what work in it returns. */
export class Instance {
  traps = 0;
  readonly #glue: object;

  constructor(glue: object) {
    this.#glue = glue;
  }

  /** What wasm throws is a text, or a code and a text, and becomes an error; after a trap its instance is never called again, but another. */
  whole<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Error)) throw told(error);
      this.traps++;
      // An experimental option of wasm-bindgen makes it.
      (this.#glue as { __wbg_reset_state?(): void }).__wbg_reset_state?.();
      throw error;
    }
  }
}

/** What wasm tells, as `JSON.parse` makes it: maps are objects, which may have a property `__proto__` of their own. */
export function plain(told: unknown): unknown {
  if (Array.isArray(told)) return told.map(plain);
  if (typeof told !== 'object' || told === null) return told;
  const entries: Iterable<[string, unknown]> = told instanceof Map ? told : Object.entries(told);
  return Object.fromEntries(Array.from(entries, ([name, value]) => [name, plain(value)]));
}

/** The context as JSON that means what the engine would be told: dates are milliseconds; what has no type is an object. */
export function encodeContext(context: Context | undefined): string {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(copyContext(context))) {
    if (value === undefined || value === null) continue;
    const plain = timeOf(value) ?? value;
    const isList = Array.isArray(plain) && plain.every((item) => typeof item === 'string');
    if (typeof plain === 'string' && plain.length <= TEXT_LENGTH) known[name] = wellFormed(plain);
    else if (isList) known[name] = plain.map(wellFormed);
    else known[name] = typeof plain === 'boolean' || Number.isFinite(plain) ? plain : {};
  }
  return JSON.stringify(known);
}
