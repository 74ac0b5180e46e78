/** The evaluation context: copied from the page once, encoded for the engine, read for exposures. */

import type { Bytes } from './bytes.js';
import type { Context } from './types.js';

/** `waft::subject::tag`. */
const STRING = 1;
const NUMBER = 2;
const TRUE = 3;
const FALSE = 4;
const OTHER = 5;

/** Longer strings count as present and of no type: they would only grow the engine's memory. In UTF-16 units. */
const LONGEST = 65_536;
/** `waft::limits::UNIT_BYTES`. */
const UNIT_BYTES = 1_024;

/** The context's own properties; those whose reading throws are missing. Later changes by the page do not count. */
export function copyContext(context: unknown): Context {
  const copy: Record<string, unknown> = Object.create(null);
  try {
    for (const name of Object.keys(context as object)) {
      try {
        copy[name] = (context as Context)[name];
      } catch {
        // A getter threw: missing.
      }
    }
  } catch {
    // Not an object, or a proxy that refuses: nothing is known.
  }
  return copy;
}

/** Writes the form of `Subject::read`: for each attribute that is there its slot, a tag and its value. */
export function encodeContext(context: Context, attributes: readonly string[], out: Bytes): void {
  for (let slot = 0; slot < attributes.length; slot++) {
    const value = context[attributes[slot] as string];
    if (value === undefined || value === null) continue;
    out.u16(slot);
    if (typeof value === 'string' && value.length <= LONGEST) {
      out.u8(STRING);
      out.sized(value);
    } else if (typeof value === 'number' || value instanceof Date) {
      out.u8(NUMBER);
      out.f64(millis(value));
    } else {
      out.u8(value === true ? TRUE : value === false ? FALSE : OTHER);
    }
  }
}

/** A unit as it is randomised (`Subject::unit`): a string of 1 to 1,024 bytes, or an integer below 2^53 in decimal. */
export function unitOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value === 0 ? 0 : value) : undefined;
  if (typeof value !== 'string' || !value || value.length > UNIT_BYTES) return undefined;
  const text = wellFormed(value);
  return new TextEncoder().encode(text).length > UNIT_BYTES ? undefined : text;
}

/** Text in which a lone surrogate is U+FFFD, as UTF-8 has it. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function millis(value: number | Date): number {
  try {
    return Number(value);
  } catch {
    return NaN;
  }
}
