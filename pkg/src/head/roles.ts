/** The roles of a trust whose documents a head has. */

import { attempt } from '../platform/attempt.js';
import type { Trust } from '../types.js';

/** Those of `freshness` and `kill` that a trust has. None of what is no trust: the client says so. */
export function headRoles(trust: Trust): string[] {
  const roles = attempt(() => Array.from(trust.require, ({ role }) => role)) ?? [];
  return roles.filter((role) => role === 'freshness' || role === 'kill');
}
