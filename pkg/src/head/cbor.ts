/** What a head needs of CBOR (RFC 8949), as strict as `waft::cbor` is: one meaning has one encoding. */

import { toHex } from '../platform/bytes.js';

/** `waft::limits::CBOR_DEPTH`. */
const DEPTH = 8;

/** A position in bytes. Each member throws where they end too soon, or hold something else. */
export class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The argument of an item of this major type. */
  expect(major: number): number {
    const [found, argument] = this.#head();
    if (found !== major) throw found;
    return argument;
  }

  string(major = 2): Uint8Array {
    const length = this.expect(major);
    return this.#take(length);
  }

  /** A byte string of a known length. */
  byteString(length: number): Uint8Array {
    const bytes = this.string();
    if (bytes.length !== length) throw length;
    return bytes;
  }

  text(): string {
    return new TextDecoder().decode(this.string(3));
  }

  /** A list of at most so many, in strictly ascending order of the bytes that `read` returns. */
  ordered(most: number, read: () => Uint8Array): void {
    const count = this.expect(4);
    if (count > most) throw count;
    let last: Uint8Array | undefined;
    for (let left = count; left > 0; left--) last = ascending(last, read());
  }

  /** A map with integer keys: `entry` reads each value. */
  entries(entry: (reader: Reader, key: number) => void): void {
    let last: Uint8Array | undefined;
    for (let left = this.expect(5); left > 0; left--) {
      const start = this.at;
      const [major, argument] = this.#head();
      if (major > 1) throw major;
      last = ascending(last, this.#bytes.subarray(start, this.at));
      entry(this, major ? -1 - argument : argument);
    }
  }

  /** Nothing may follow. */
  end(): void {
    if (this.at !== this.#bytes.length) throw this.at;
  }

  /** Reads over one item. */
  skip(depth = DEPTH): void {
    if (!depth) throw depth;
    const [major, argument] = this.#head();
    if (major === 2 || major === 3) this.#take(argument);
    if (major === 7 && (argument < 20 || argument > 22)) throw argument;
    if (major === 4 || major === 6) for (let left = major === 4 ? argument : 1; left > 0; left--) this.skip(depth - 1);
    let last: Uint8Array | undefined;
    for (let left = major === 5 ? argument : 0; left > 0; left--) {
      const start = this.at;
      this.skip(depth - 1);
      last = ascending(last, this.#bytes.subarray(start, this.at));
      this.skip(depth - 1);
    }
  }

  #head(): [major: number, argument: number] {
    const [first = 0] = this.#take(1);
    const info = first & 31;
    if (info > 27) throw info;
    const argument = info < 24 ? info : this.#take(1 << (info - 24)).reduce((value, byte) => value * 256 + byte, 0);
    // The shortest form is the only form.
    if (info > 23 && argument < ([24, 256, 65_536, 2 ** 32][info - 24] as number)) throw argument;
    return [first >> 5, argument];
  }

  #take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.at, this.at + length);
    if (taken.length !== length) throw length;
    this.at += length;
    return taken;
  }
}

/** Throws unless bytes are above others. */
function ascending(last: Uint8Array | undefined, next: Uint8Array): Uint8Array {
  if (last && toHex(next) <= toHex(last)) throw next;
  return next;
}
