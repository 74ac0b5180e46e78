/** Plain options of a client whose values cannot be followed: the client goes on as if they were left out. */

import { isRecord } from '../platform/attempt.js';
import { oneOf, TRUTH, type Wanted, wrongOption } from '../platform/options.js';
import { bytesOf, isUrl } from '../platform/realm.js';
import type { Options } from '../types.js';

const KNOWN: Readonly<Record<string, Wanted>> = {
  snapshot: ['a URL, or bytes', (source) => isUrl(source) || bytesOf(source) !== undefined],
  context: ['an object of attributes', isRecord],
  timeout: ['a number of milliseconds', (timeout) => typeof timeout === 'number' && timeout >= 0],
  start: oneOf('fresh', 'last-good'),
  quiet: TRUTH,
  fallback: ["a function, as () => import('waft/compat')", (fallback) => typeof fallback === 'function' || fallback === false],
};

/** What is wrong with each. */
export function wrongOptions(options: Options): string[] {
  const given = options as unknown as Readonly<Record<string, unknown>>;
  return Object.keys(KNOWN).flatMap((name) => {
    // The one that is always needed.
    const value = name === 'snapshot' ? (given[name] ?? false) : given[name];
    return wrongOption({ [name]: value }, KNOWN) ?? [];
  });
}
