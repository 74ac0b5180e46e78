/** Which field of a trust is wrong. */

import { encodeTrust } from '../engine/trust.js';
import type { Trust } from '../types.js';

/** What each field may be replaced by, to find the one without which the trust could be read. */
const GOOD: Readonly<Partial<Record<keyof Trust, unknown>>> = { project: '', environment: '', minVersion: 0, maxJump: 1, require: [] };

/** The field that cannot be read; `undefined` if it is another matter, as two requirements with one key. */
export function wrongField(trust: Trust | undefined): string | undefined {
  if (typeof trust !== 'object' || !trust) return 'trust';
  if (encodeTrust(trust)) return undefined;
  return Object.entries(GOOD).find(([name, good]) => encodeTrust({ ...trust, [name]: good } as Trust))?.[0];
}
