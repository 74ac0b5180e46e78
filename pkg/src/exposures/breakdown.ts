/** What an experiment's results are told apart by: docs/snapshot-format.md, section 10, says where rules have it. */

import { attributeOf } from '../engine/context.js';
import type { Decisions } from '../engine/decisions.js';
import type { Context } from '../types.js';

/** The longest value that is sent, in UTF-16 units. */
const LENGTH = 100;

/** What the visitor is, by the name of each attribute and segment; none that is missing or unknown. */
export function breakdownOf(decisions: Decisions, experiment: string): [string, string][] {
  // Flags that expose nothing: nobody has read them.
  const read = (flag: string): unknown => decisions.details<unknown>(flag, 0, undefined, false).value;
  const names = attributeOf((read('$$breakdown') ?? {}) as Context, experiment) ?? {};
  return Object.entries(names).flatMap(([name, flag]): [string, string][] => {
    const value = flag ? read(flag) : attributeOf(decisions.context, name);
    return typeof value === 'boolean' || (value && typeof value === 'string') ? [[name, `${value}`.slice(0, LENGTH)]] : [];
  });
}
