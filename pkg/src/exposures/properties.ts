/** What a page says of an event, read once. A bad part costs only itself: it is left out, and named. */

import { PROPERTIES_BYTES } from '../limits.js';
import { attempt, isRecord } from '../platform/attempt.js';
import { utf8 } from '../platform/bytes.js';
import { isName } from './ids.js';

/** How deep a property may nest: readers of JSON have bounds, serde_json's is 128. */
const DEPTH = 32;
/** The largest value of an event: a sum of the squares of larger ones is no number. A larger big integer takes long to be written. */
const LARGEST = 1e100;

/** What a page says of an event besides its name. */
export interface Said {
  readonly value: number | undefined;
  /** What makes two calls one event. */
  readonly dedupe: string | undefined;
  /** Each property that can be sent, as JSON: `"name":value`, and its name. */
  readonly properties: readonly [text: string, name: string][];
  /** The names of what cannot be sent, once for each. */
  readonly leftOut: string[];
}

/** Reads what a page says of an event, whatever it is. */
export function readSaid(options: unknown): Said {
  const leftOut: string[] = [];
  const properties: [string, string][] = [];
  let value: number | undefined;
  let dedupe: string | undefined;
  // As in a context, null is what is missing.
  const said = attempt(() => (options === undefined || isRecord(options)) && (options ?? {}));
  const names = said ? attempt(() => Object.keys(said)) : undefined;
  // So many properties have no room, and to name each takes seconds.
  const areTooMany = !names || names.length > PROPERTIES_BYTES;
  if (areTooMany) leftOut.push('options');
  for (const name of names ? new Set(['value', 'dedupe', ...(areTooMany ? [] : names)]) : []) {
    // A getter may throw.
    const isTaken = attempt(() => {
      const it = (said as Record<string, unknown>)[name];
      if (name === 'value') {
        if (typeof it === 'number' && isModest(it)) value = it;
        else return it === null || it === undefined;
      } else if (name === 'dedupe') {
        // What is empty makes nothing one.
        if (isName(it) || (it && isModest(it))) dedupe = String(it);
        else return !it;
      } else {
        const text = encode(it, () => leftOut.push(name));
        if (text) properties.push([`${sound(JSON.stringify(name))}:${text}`, name]);
        else return it === undefined;
      }
      return true;
    });
    if (!isTaken) leftOut.push(name);
  }
  return { value, dedupe, properties, leftOut };
}

/** The JSON of those properties for which there is room, where it is a text in JSON again, and the names of the others. */
export function fit(properties: Said['properties'], room: number): [json: string, left: string[]] {
  let bytes = 2;
  const taken: string[] = [];
  const left: string[] = [];
  for (const [text, name] of properties) {
    const [more, kept] = [utf8(text).length + 1, JSON.stringify(text).length - 1];
    if (bytes + more > PROPERTIES_BYTES || kept > room) {
      left.push(name);
      continue;
    }
    bytes += more;
    room -= kept;
    taken.push(text);
  }
  return [`{${taken}}`, left];
}

/** The JSON of a property; `undefined` if it cannot be sent. `onBad` is told of each part of it that cannot. Throws what it throws. */
function encode(property: unknown, onBad: () => void): string | undefined {
  const depths = new Map<unknown, number>();
  let room = PROPERTIES_BYTES;
  const text = JSON.stringify(property, function (this: Record<string, unknown>, key: string, item: unknown): unknown {
    const depth = depths.get(this) ?? 0;
    room -= key.length + (typeof item === 'string' ? item.length : 1);
    if (depth > DEPTH || room < 0) throw new RangeError();
    if (typeof item === 'object' && item) depths.set(item, depth + 1);
    // `null` for a date that is none.
    const isBad =
      /^(bigint|function|symbol)$/.test(typeof item) ||
      (typeof item === 'number' && !Number.isFinite(item)) ||
      (item === null && this[key] !== null);
    if (!isBad) return item;
    if (depth) onBad();
    return undefined;
  });
  return text && sound(text);
}

/** Whether it is a number or a big integer, and none of the largest. */
function isModest(it: unknown): boolean {
  return /^(number|bigint)$/.test(typeof it) && (it as number) >= -LARGEST && (it as number) <= LARGEST;
}

/** `JSON.stringify` writes lone surrogates as escapes, which are no Unicode text for others: each becomes U+FFFD. */
export function sound(json: string): string {
  return json.replace(/\\(?:ud[89a-f]..|.)/g, (escaped) => (escaped.length > 2 ? '\ufffd' : escaped));
}
