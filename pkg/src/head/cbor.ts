/** What a head needs of CBOR (RFC 8949). The engine has verified what matters: here nothing is strict but ends. */

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

  text(): string {
    return new TextDecoder().decode(this.string(3));
  }

  /** A map with integer keys: `entry` reads each value. */
  entries(entry: (reader: Reader, key: number) => void): void {
    for (let left = this.expect(5); left > 0; left--) {
      const [major, argument] = this.#head();
      entry(this, major ? -1 - argument : argument);
    }
  }

  /** Reads over one item. */
  skip(depth = DEPTH): void {
    if (!depth) throw depth;
    const [major, argument] = this.#head();
    if (major === 2 || major === 3) this.#take(argument);
    const items = major === 4 ? argument : major === 5 ? 2 * argument : major === 6 ? 1 : 0;
    for (let left = items; left > 0; left--) this.skip(depth - 1);
  }

  #head(): [major: number, argument: number] {
    const [first = 0] = this.#take(1);
    const info = first & 31;
    if (info > 27) throw info;
    const argument = info < 24 ? info : this.#take(1 << (info - 24)).reduce((value, byte) => value * 256 + byte, 0);
    return [first >> 5, argument];
  }

  #take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.at, this.at + length);
    if (taken.length !== length) throw length;
    this.at += length;
    return taken;
  }
}
