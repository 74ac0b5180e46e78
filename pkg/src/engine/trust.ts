/** TRUST.json: whose snapshots a page accepts, and the form in which the engine takes it. */

import { MAX_JUMP } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { fromBase64, utf8 } from '../platform/bytes.js';
import type { Trust } from '../types.js';

/**
 * The form of `waft::Trust::read`, or `undefined` if this is no trust: then the code is `INVALID_TRUST`. The engine checks the
 * rest: that every requirement can be met, and that no key is listed in two. `told` has the field that was read last, which is the wrong one.
 */
export function encodeTrust(trust: Trust, told: { cause?: unknown } = {}): Uint8Array<ArrayBuffer> | undefined {
  const field = <K extends keyof Trust>(name: K): Trust[K] => trust[(told.cause = name) as K];
  return attempt(() => {
    const parts = [
      ...text(field('project')),
      ...text(field('environment')),
      double(field('minVersion') ?? 0),
      double(field('maxJump') ?? MAX_JUMP),
    ];
    for (const { role, atLeast = 1, keys } of field('require')) {
      parts.push(...text(role), [byte(atLeast), byte(keys.length)]);
      for (const kid of keys) parts.push(bytes(kid, 16), bytes((Object.hasOwn(trust.keys, kid) && trust.keys[kid]) as string, 32));
    }
    // Spreading typed arrays takes twenty times as long.
    const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  });
}

/** The number if it is whole and at most this; throws if it is not. */
function whole(value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0 || value > most) throw value;
  return value;
}

function byte(value: number): number {
  return whole(value, 255);
}

function double(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(whole(value, Number.MAX_SAFE_INTEGER)).buffer);
}

function text(value: string): ArrayLike<number>[] {
  if (typeof value !== 'string') throw value;
  const bytes = utf8(value);
  return [[bytes.length & 255, whole(bytes.length, 65_535) >> 8], bytes];
}

function bytes(base64url: string, length: number): Uint8Array {
  const value = fromBase64(base64url);
  if (value.length !== length) throw value;
  return value;
}
