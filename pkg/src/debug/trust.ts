/** Which field of a trust is wrong, and which ones nothing reads. */

import { encodeTrust } from '../engine/trust.js';
import { attempt } from '../platform/attempt.js';
import type { Trust } from '../types.js';

/** The field that cannot be read; `undefined` if it is another matter, as two requirements with one key. */
export function wrongField(trust: Trust | undefined): string | undefined {
  if (typeof trust !== 'object' || !trust) return 'trust';
  const told: { cause?: string } = {};
  return encodeTrust(trust, told) ? undefined : told.cause;
}

/** What a trust has, and what each of its requirements. */
const FIELDS = ['project', 'environment', 'keys', 'require', 'epoch', 'minVersion', 'maxJump', 'number', 'holders', 'maxStale'];
const REQUIREMENT = ['role', 'keys', 'atLeast'];

/** Fields that nothing reads, such as a misspelt `atLeast`. Commands refuse them; a page, whose bytes are counted, does not look for any. */
export function unreadFields(trust: Trust | undefined): string[] {
  const others = (of: object, known: string[], prefix: string): string[] =>
    Object.keys(of).flatMap((name) => (known.includes(name) ? [] : [prefix + name]));
  return (
    attempt(() => [
      ...others(trust as Trust, FIELDS, ''),
      ...(trust as Trust).require.flatMap((one, at) => others(one, REQUIREMENT, `require[${at}].`)),
    ]) ?? []
  );
}
