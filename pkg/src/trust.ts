/** TRUST.json: whose snapshots a page accepts, and the form in which the engine takes it. */

import { Bytes } from './bytes.js';
import type { Trust } from './types.js';

/** `waft::limits::MAX_JUMP`. */
const MAX_JUMP = 1_000_000;

/**
 * The CBOR of `waft::Trust::read`, or nothing if this is no trust: then the code is `INVALID_TRUST`. The engine checks the
 * rest: lengths of keys, and that every requirement can be met.
 */
export function encodeTrust(trust: Trust): Uint8Array | undefined {
  const out = new Bytes();
  try {
    head(out, 4, 5);
    text(out, trust.project);
    text(out, trust.environment);
    head(out, 0, trust.minVersion ?? 0);
    head(out, 0, trust.maxJump ?? MAX_JUMP);
    head(out, 4, trust.require.length);
    for (const { role, atLeast = 1, keys } of trust.require) {
      head(out, 4, 3);
      text(out, role);
      head(out, 0, atLeast);
      head(out, 4, keys.length);
      for (const kid of keys) {
        head(out, 4, 2);
        base64url(out, kid);
        base64url(out, (Object.hasOwn(trust.keys, kid) && trust.keys[kid]) as string);
      }
    }
    return out.written;
  } catch {
    return undefined;
  }
}

/** The first bytes of a CBOR item (RFC 8949, section 3): its major type and its number, in the shortest form. */
function head(out: Bytes, major: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw value;
  const size = value < 24 ? 0 : value < 1 << 8 ? 1 : value < 1 << 16 ? 2 : value < 2 ** 32 ? 4 : 8;
  out.u8((major << 5) | (size ? 24 + Math.log2(size) : value));
  for (let byte = size - 1; byte >= 0; byte--) out.u8((value / 256 ** byte) & 255);
}

function text(out: Bytes, value: string): void {
  if (typeof value !== 'string') throw value;
  const bytes = new TextEncoder().encode(value);
  head(out, 3, bytes.length);
  out.bytes(bytes);
}

function base64url(out: Bytes, value: string): void {
  const bytes = Uint8Array.from(atob(value.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
  head(out, 2, bytes.length);
  out.bytes(bytes);
}
