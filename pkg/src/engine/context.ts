/** The evaluation context: copied from the page once, and encoded for the engine. */

import { TEXT_LENGTH } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { utf8 } from '../platform/bytes.js';
import { timeOf } from '../platform/realm.js';
import type { Context } from '../types.js';

/** The context's own properties; those whose reading throws are missing. Later changes by the page do not count. */
export function copyContext(context: unknown): Context {
  try {
    // A quarter of the time of what follows.
    return { ...(context as Context) };
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

/** False where looking at it throws. */
function isArray(value: unknown): value is readonly unknown[] {
  return typeof value === 'object' && !!attempt(() => Array.isArray(value));
}

/** A number, and its bytes. */
const NUMBER = new Float64Array(1);
const NUMBER_BYTES = new Uint8Array(NUMBER.buffer);

/** A 16-bit number of texts, and each as its length in 32 bits and its bytes; `undefined` if the list is too long or has other items. */
function encodeList(list: readonly unknown[]): Uint8Array | undefined {
  // Each takes four bytes for its length.
  if (list.length > TEXT_LENGTH / 4) return undefined;
  // Holes are items that are no texts.
  const texts = Array.from(list, (item) => (typeof item === 'string' ? utf8(item) : undefined));
  const bytes = texts.reduce((sum, text) => sum + 4 + (text?.length ?? Infinity), 2);
  if (bytes > TEXT_LENGTH) return undefined;
  const encoded = new Uint8Array(bytes);
  const view = new DataView(encoded.buffer);
  view.setUint16(0, list.length, true);
  let at = 2;
  for (const text of texts as Uint8Array[]) {
    view.setUint32(at, text.length, true);
    encoded.set(text, at + 4);
    at += 4 + text.length;
  }
  return encoded;
}

// Closures stand out of the loop below: a variable that one captures is made anew for each attribute.

function listOf(value: unknown): Uint8Array | undefined {
  return isArray(value) ? attempt(() => encodeList(value)) : undefined;
}

/** Where a context is written. */
export interface Room {
  /** Of no length once the memory has grown. */
  bytes: Uint8Array;
  /** What was written before, by slot. */
  sent: unknown[];
  /** Makes it `length` bytes long, keeping what is written. */
  grow(length: number): void;
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
    // A list is texts, and as long as a text may be.
    const list = listOf(value);
    const number = typeof value === 'object' ? timeOf(value) : typeof value === 'number' ? value : undefined;
    const text = typeof value === 'string' && value.length <= TEXT_LENGTH;
    const end = at + 11 + (text ? 3 * value.length : list ? list.length : 0);
    if (end > room.bytes.length) room.grow(2 * end);
    const { bytes } = room;
    bytes[at++] = slot;
    bytes[at++] = slot >> 8;
    if (text) {
      bytes[at++] = 1;
      const end = encodeText(value, bytes, at + 4);
      const length = end - at - 4;
      for (let byte = 0; byte < 4; byte++) bytes[at + byte] = length >> (8 * byte);
      at = end;
    } else if (number !== undefined) {
      bytes[at++] = 2;
      NUMBER[0] = number;
      // A third of the time of `set`.
      for (let byte = 0; byte < 8; byte++) bytes[at++] = NUMBER_BYTES[byte] as number;
    } else if (list) {
      bytes[at++] = 6;
      bytes.set(list, at);
      at += list.length;
    } else {
      bytes[at++] = value === true ? 3 : value === false ? 4 : value === undefined ? 7 : 5;
    }
  }
  return at;
}

/** Writes UTF-8, and returns where it ends. 45 ns for 20 ASCII characters, against 222 by `encodeInto` in Chromium. */
function encodeText(text: string, memory: Uint8Array, at: number): number {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 127) return at + new TextEncoder().encodeInto(text.slice(index), memory.subarray(at)).written;
    memory[at++] = unit;
  }
  return at;
}
