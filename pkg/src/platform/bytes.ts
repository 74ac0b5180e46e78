/** Bytes as text, and text as bytes: UTF-8, base64 and hexadecimal. */

/**
 * UTF-8; a lone surrogate is U+FFFD. Chromium's `encode` takes a microsecond or two for a key, and is for what is long. Not by
 * `encodeText` of context.ts: called with arrays of two kinds, it takes half as long again for a context.
 */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  // No room is made for what is long.
  const bytes = new Uint8Array(text.length > 99 ? 0 : text.length);
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 127 || index === bytes.length) return new TextEncoder().encode(text);
    bytes[index] = unit;
  }
  return bytes;
}

/** Surrogates that are alone are no Unicode text: each becomes U+FFFD, as in the engine's UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, '\ufffd');
}

/** Base64 of bytes. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The bytes of base64 or base64url. Throws if it is neither. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return unpack(atob(text.replaceAll('-', '+').replaceAll('_', '/')), 0);
}

/** The bytes of a text whose code points are bytes and a shift: by default that of tools/wasm-texts.mjs. */
export function unpack(text: string, shift = 33): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  // `Uint8Array.from` with a function takes ten times as long.
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index) - shift;
  return bytes;
}

/** Two hexadecimal digits for each byte. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The bytes of hexadecimal digits. */
export function fromHex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}
