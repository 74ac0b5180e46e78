/** What page and server must agree on. */

import { namedId } from '../exposures/ids.js';
import { TEXT_LENGTH } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import type { Context } from '../types.js';

/**
 * A digest of attributes, 32 hexadecimal digits. It tells contexts apart, and hides nothing that can be guessed. Texts that are too long for the
 * engine, and what JSON cannot hold, as big integers, are of no type, so all of them are one.
 */
export function digestOf(context: Context, names: readonly string[]): string {
  const entry = (name: string, value: unknown): string =>
    JSON.stringify([name, value], (_, item) => (typeof item === 'string' && item.length > TEXT_LENGTH ? {} : item));
  const same = names.map((name) => attempt(() => entry(name, context[name] ?? null)) ?? entry(name, {}));
  return namedId('same', `[${same}]`);
}
