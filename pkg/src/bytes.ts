/** Bytes being written, little endian, in a buffer that grows. */
export class Bytes {
  #buffer = new Uint8Array(256);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  /** Starts again, keeping the memory. */
  clear(): void {
    this.#length = 0;
  }

  /** What was written. Valid until the next write. */
  get written(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  u8(value: number): void {
    this.#view.setUint8(this.#room(1), value);
  }

  u16(value: number): void {
    this.#view.setUint16(this.#room(2), value, true);
  }

  f64(value: number): void {
    this.#view.setFloat64(this.#room(8), value, true);
  }

  bytes(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#buffer.set(value, at);
  }

  /** A 32-bit length and as many bytes of UTF-8. */
  sized(text: string): void {
    const at = this.#room(4);
    this.text(text);
    this.#view.setUint32(at, this.#length - at - 4, true);
  }

  /** UTF-8; a lone surrogate becomes U+FFFD. */
  text(text: string): void {
    const start = this.#room(3 * text.length);
    const buffer = this.#buffer;
    let at = start;
    // 45 ns for 20 ASCII characters, against 222 by encodeInto in Chromium.
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 127) {
        at += new TextEncoder().encodeInto(text.slice(index), buffer.subarray(at)).written;
        break;
      }
      buffer[at++] = unit;
    }
    this.#length = at;
  }

  /** Makes room for so many bytes and answers where they start. */
  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#buffer.length) {
      const grown = new Uint8Array(2 * this.#length);
      grown.set(this.#buffer.subarray(0, at));
      this.#buffer = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
