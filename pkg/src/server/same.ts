/** What page and server must agree on. */

import { namedId } from '../exposures/ids.js';
import { TEXT_LENGTH } from '../limits.js';
import type { Context } from '../types.js';

/**
 * A digest of attributes, 32 hexadecimal digits. It tells contexts apart, and hides nothing that can be guessed. Texts that are too long for the
 * engine are of no type, so all of them are one.
 */
export function digestOf(context: Context, names: readonly string[]): string {
  const same = names.map((name) => [name, context[name] ?? null]);
  return namedId(
    'same',
    JSON.stringify(same, (_, item) => (typeof item === 'string' && item.length > TEXT_LENGTH ? {} : item)),
  );
}
