/** Which field of a trust is wrong, and which ones nothing reads. */

import { encodeTrust } from '../engine/trust.js';
import { attempt } from '../platform/attempt.js';
import type { Trust } from '../types.js';

/** What each field may be replaced by, to find the one without which the trust could be read. */
const GOOD: Readonly<Partial<Record<keyof Trust, unknown>>> = { project: '', environment: '', minVersion: 0, maxJump: 1, require: [] };

/** The field that cannot be read; `undefined` if it is another matter, as two requirements with one key. */
export function wrongField(trust: Trust | undefined): string | undefined {
  if (typeof trust !== 'object' || !trust) return 'trust';
  if (encodeTrust(trust)) return undefined;
  return Object.entries(GOOD).find(([name, good]) => encodeTrust({ ...trust, [name]: good } as Trust))?.[0];
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
