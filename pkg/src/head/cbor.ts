/** What a head needs of CBOR (RFC 8949), as strict as `waft::cbor` is: one meaning has one encoding. */

import { kindOf } from '../platform/realm.js';

/** `waft::limits::CBOR_DEPTH`: how deep an item may be that nobody asks for. */
const DEPTH = 8;

/** Maps and lists that somebody asks for: of a map by the keys, of a list what its items are, by 0. */
export interface Shape {
  readonly [key: number]: Shape;
}

/** What integers, byte strings, texts, lists and maps are read as. A text has a character for each byte, so that texts sort as bytes do. */
interface Kinds {
  readonly Number: number;
  readonly Uint8Array: Uint8Array;
  readonly String: string;
  readonly Array: readonly unknown[];
  readonly Map: ReadonlyMap<unknown, unknown>;
}

/** The value of a key of a map: nothing if there is none. Throws if it is of another kind. */
export type Field = <K extends keyof Kinds>(kind: K, key: number | bigint) => Kinds[K] | undefined;

/** A position in bytes. */
export class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * Reads an item of a shape, or throws; what is in none has at most so many levels. A negative integer is a `BigInt`, and of what has no use here,
   * tags and simple values, nothing is left.
   */
  item(shape?: Shape, depth = DEPTH): unknown {
    if (!depth--) throw depth;
    // A phone takes 5 ms for a header where these are read from lists.
    const first = this.take(1)[0] as number;
    const major = first >> 5;
    const info = first & 31;
    const argument = info < 24 ? info : this.take(1 << (info - 24)).reduce((value, byte) => value * 256 + byte, 0);
    // The shortest form is the only form.
    if (info > 23 && !(argument >= ([24, 256, 65_536, 2 ** 32][info - 24] as number))) throw info;
    if (major < 2) return major ? BigInt(-1 - argument) : argument;
    if (major < 4) return major < 3 ? this.take(argument) : latin(this.take(argument));
    if (major > 6 && (argument < 20 || argument > 22)) throw argument;
    if (shape) depth = DEPTH;
    const list: unknown[] = [];
    const map = new Map<unknown, unknown>();
    let last = '';
    for (let left = major > 6 ? 0 : major > 5 ? 1 : argument; left > 0; left--) {
      const start = this.at;
      const item = this.item(major < 5 ? shape?.[0] : undefined, depth);
      list.push(item);
      if (major !== 5) continue;
      last = ascending(last, latin(this.#bytes.subarray(start, this.at)));
      map.set(item, this.item(shape?.[item as number], depth));
    }
    return major < 5 ? list : major < 6 ? map : null;
  }

  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.at, (this.at += length));
    if (taken.length !== length) throw length;
    return taken;
  }
}

/** The fields of a map with integer keys, or throws. */
export function fieldsOf(map: unknown): Field {
  const keys = [...(map as Kinds['Map']).keys()];
  // Their encodings ascend: integers are first.
  if (!/number|bigint|undefined/.test(typeof keys.at(-1))) throw map;
  return (kind, key) => {
    const value = (map as Kinds['Map']).get(key);
    if (value !== undefined && kindOf(value) !== kind) throw value;
    return value as never;
  };
}

/** The fields of a map that is all of these bytes, with maps and lists in it; or throws. */
export function fieldsIn(bytes: Uint8Array, shape: Shape = {}): Field {
  const reader = new Reader(bytes);
  const fields = fieldsOf(reader.item(shape));
  if (reader.at !== bytes.length) throw bytes;
  return fields;
}

/** Throws unless a text is above the last one. */
export function ascending(last: string, next: string): string {
  if (next <= last) throw next;
  return next;
}

/** A character for each byte. */
export function latin(bytes: Uint8Array): string {
  return String.fromCharCode.apply(0, bytes as never);
}
