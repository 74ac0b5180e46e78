/** The evaluation context: copied from the page once, and encoded for the engine. */

import { TEXT_LENGTH } from '../limits.js';
import { attempt, isRecord } from '../platform/attempt.js';
import { timeOf } from '../platform/realm.js';
import type { Context } from '../types.js';

/** The context's own properties, none of what is no object; those whose reading throws are missing. Later changes by the page do not count. */
export function copyContext(context: unknown): Context {
  try {
    // A quarter of the time of what follows.
    return { ...(isRecord(context) ? (context as Context) : undefined) };
  } catch {
    // A getter of the page's own.
  }
  // Without a prototype, which an attribute of that name would replace.
  const copy: Record<string, unknown> = Object.create(null);
  for (const name of attempt(() => Object.keys(context as object)) ?? []) {
    const value = attempt(() => (context as Context)[name]);
    if (value !== undefined) copy[name] = value;
  }
  return copy;
}

/** An attribute of a context; none of those that all objects have, which are functions and this one. */
export function attributeOf(context: Context, name: string): unknown {
  const value = context[name];
  return (typeof value === 'function' || name === '__proto__') && !Object.hasOwn(context, name) ? undefined : value;
}

/** A number, and its bytes. */
const NUMBER = new Float64Array(1);
const NUMBER_BYTES = new Uint8Array(NUMBER.buffer);

// Closures stand out of the loop below: a variable that one captures is made anew for each attribute.

/** The texts of a list; `undefined` if it is none, is surely too long, or has other items, as holes are. */
function textsOf(value: unknown): readonly string[] | undefined {
  return attempt(() => {
    // Each takes four bytes for its length.
    if (!Array.isArray(value) || value.length > TEXT_LENGTH / 4) return undefined;
    const texts = Array.from<string>(value);
    return texts.every((text) => typeof text === 'string') && texts.join('').length <= TEXT_LENGTH ? texts : undefined;
  });
}

/** Where a context is written. */
export interface Room {
  /** Of no length once the memory has grown. */
  bytes: Uint8Array;
  /** What was written before, by slot. */
  sent: unknown[];
  /** Makes it at least `length` bytes long, keeping what is written. */
  need(length: number): void;
}

/**
 * Writes the form of `Subject::read` and returns how long it is: for each attribute that is not as it was sent before a 16-bit slot,
 * a tag (1 string, 2 number, 3 true, 4 false, 5 other, 6 list, 7 missing) and its value.
 */
export function encodeContext(context: Context, attributes: readonly string[], room: Room): number {
  let at = 0;
  for (let slot = 0; slot < attributes.length; slot++) {
    const value = attributeOf(context, attributes[slot] as string) ?? undefined;
    // Objects may have changed inside.
    if (value === room.sent[slot] && typeof value !== 'object') continue;
    room.sent[slot] = value;
    const texts = typeof value === 'object' ? textsOf(value) : undefined;
    const number = typeof value === 'object' ? timeOf(value) : typeof value === 'number' ? value : undefined;
    const isText = typeof value === 'string' && value.length <= TEXT_LENGTH;
    room.need(at + 11 + (isText ? 3 * value.length : 0));
    const { bytes } = room;
    bytes[at++] = slot;
    bytes[at++] = slot >> 8;
    if (isText) {
      bytes[at++] = 1;
      at = encodeText(value, bytes, at);
    } else if (number !== undefined) {
      bytes[at++] = 2;
      NUMBER[0] = number;
      // A third of the time of `set`.
      for (let byte = 0; byte < 8; byte++) bytes[at++] = NUMBER_BYTES[byte] as number;
    } else if (texts) {
      const start = at;
      bytes[at++] = 6;
      bytes[at++] = texts.length;
      bytes[at++] = texts.length >> 8;
      for (const text of texts) {
        room.need(at + 4 + 3 * text.length);
        at = encodeText(text, room.bytes, at);
      }
      // A list is as long as a text may be.
      if (at - start > TEXT_LENGTH + 1) {
        at = start;
        room.bytes[at++] = 5;
      }
    } else {
      bytes[at++] = value === true ? 3 : value === false ? 4 : value === undefined ? 7 : 5;
    }
  }
  return at;
}

/**
 * Writes a length in 32 bits and UTF-8, for which there is room, and returns where it ends. 45 ns for 20 ASCII characters, against 222 by
 * `encodeInto` in Chromium.
 */
export function encodeText(text: string, memory: Uint8Array, start: number): number {
  let at = start + 4;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 127) {
      at += new TextEncoder().encodeInto(text.slice(index), memory.subarray(at)).written;
      break;
    }
    memory[at++] = unit;
  }
  for (let byte = 0; byte < 4; byte++) memory[start + byte] = (at - start - 4) >> (8 * byte);
  return at;
}
