/** TRUST.json: whose snapshots a page accepts, and the form in which the engine takes it. */

import { attempt } from './attempt.js';
import { utf8 } from './context.js';
import { fromBase64 } from './seen.js';
import type { Trust } from './types.js';

/** `waft::limits::MAX_JUMP`. */
const MAX_JUMP = 1_000_000;

/**
 * The CBOR of `waft::Trust::read`, or nothing if this is no trust: then the code is `INVALID_TRUST`. The engine checks the
 * rest: lengths of keys, and that every requirement can be met.
 */
export function encodeTrust(trust: Trust): Uint8Array | undefined {
  return attempt(() => {
    const { project, environment, minVersion = 0, maxJump = MAX_JUMP, require } = trust;
    const requirements = require.map(({ role, atLeast = 1, keys }) => {
      const pairs = keys.map((kid) => array([bytes(kid), bytes((Object.hasOwn(trust.keys, kid) && trust.keys[kid]) as string)]));
      return array([text(role), head(0, atLeast), array(pairs)]);
    });
    const all = [text(project), text(environment), head(0, minVersion), head(0, maxJump), array(requirements)];
    return Uint8Array.from(array(all));
  });
}

/** The first bytes of a CBOR item (RFC 8949, section 3): its major type and its number, in the shortest form. */
function head(major: number, value: number): number[] {
  if (!Number.isSafeInteger(value) || value < 0) throw value;
  const size = value < 24 ? 0 : value < 1 << 8 ? 1 : value < 1 << 16 ? 2 : value < 2 ** 32 ? 4 : 8;
  const first = (major << 5) | (size ? 24 + Math.log2(size) : value);
  return [first, ...Array.from({ length: size }, (_, byte) => (value / 256 ** (size - 1 - byte)) & 255)];
}

function array(items: number[][]): number[] {
  return [...head(4, items.length), ...items.flat()];
}

function text(value: string): number[] {
  if (typeof value !== 'string') throw value;
  const bytes = utf8(value);
  return [...head(3, bytes.length), ...bytes];
}

function bytes(base64url: string): number[] {
  const value = fromBase64(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return [...head(2, value.length), ...value];
}
