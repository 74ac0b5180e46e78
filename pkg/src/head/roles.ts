/** The roles of a trust whose documents a head has. */

import { attempt } from '../platform/attempt.js';
import type { Trust } from '../types.js';

/** Those of `freshness` and `kill` that a trust has. None of what is no trust: the client says so. */
export function headRoles(trust: Trust): string[] {
  return rolesOf(trust).filter((role) => role === 'freshness' || role === 'kill');
}

/** All roles of a trust. */
export function rolesOf(trust: Trust): string[] {
  return attempt(() => Array.from(trust.require, ({ role }) => role)) ?? [];
}
