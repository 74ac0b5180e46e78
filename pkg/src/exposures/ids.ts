/** Ids of page views and events: 32 hexadecimal digits. */

import { NAME_LENGTH } from '../limits.js';
import { toHex, utf8 } from '../platform/bytes.js';

/** 16 random bytes. */
export function randomId(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(16)));
}

/** Whether it is a text that names something: not empty, and hashed in a millisecond. */
export function isName(name: unknown): name is string {
  return !!name && typeof name === 'string' && name.length <= NAME_LENGTH;
}

/** The same for the same texts: FNV-1a, 128 bits, over the UTF-8 of both with U+0000 between them. */
export function namedId(name: string, dedupe: string): string {
  let hash = 0x6c62272e07bb014262b821756295c58dn;
  for (const byte of utf8(`${name}\0${dedupe}`)) {
    hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * 0x1000000000000000000013bn);
  }
  return hash.toString(16).padStart(32, '0');
}
