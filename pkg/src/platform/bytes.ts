/** Bytes as text, and text as bytes: UTF-8, base64 and hexadecimal. */

/** UTF-8; a lone surrogate is U+FFFD. In Chromium this takes a microsecond or two: what is read often goes by `encodeText` of context.ts. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Surrogates that are alone are no Unicode text: each becomes U+FFFD, as in the engine's UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, '\ufffd');
}

/** Base64 of bytes. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  // A character at a time, a phone needs 50 ms for a snapshot, and the garbage collector most of them.
  for (let at = 0; at < bytes.length; ) text += String.fromCharCode.apply(0, bytes.subarray(at, (at += 8_192)) as never);
  return btoa(text);
}

/** Base64url of bytes, without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The bytes of base64 or base64url. Throws if it is neither. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return unshifted(atob(text.replaceAll('-', '+').replaceAll('_', '/')), 0);
}

/** The bytes of a text whose code points are bytes and a shift. */
export function unshifted(text: string, shift: number): Uint8Array<ArrayBuffer> {
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
