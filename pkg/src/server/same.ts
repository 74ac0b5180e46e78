/** What page and server must agree on. */

import { namedId } from '../exposures/ids.js';
import type { Context } from '../types.js';

/** A digest of attributes, 32 hexadecimal digits. It tells contexts apart, and hides nothing that can be guessed. */
export function digestOf(context: Context, names: readonly string[]): string {
  return namedId('same', JSON.stringify(names.map((name) => [name, context[name] ?? null])));
}
