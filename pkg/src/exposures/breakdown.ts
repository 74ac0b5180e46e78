/** What an experiment's results are told apart by: docs/snapshot-format.md, section 10, says where rules have it. */

import { attributeOf } from '../engine/context.js';
import type { Decisions } from '../engine/decisions.js';
import type { Context } from '../types.js';

/** The longest value that is sent, in UTF-16 units. */
const LENGTH = 100;

/** Of segments what they are, by name, and a number where that is unknown; an empty text for an attribute, whose value the page has itself. */
export type Told = Readonly<Record<string, unknown>>;

/**
 * What the visitor is, by the name of each attribute and segment; none that is missing or unknown. `told` is by the rules that
 * decided, where these are a server's.
 */
export function breakdownOf(decisions: Decisions, experiment: string, told: Told = toldOf(decisions, experiment)): [string, string][] {
  return Object.entries(told).flatMap(([name, told]): [string, string][] => {
    const value = told || attributeOf(decisions.context, name);
    return typeof value === 'boolean' || (value && typeof value === 'string') ? [[name, `${value}`.slice(0, LENGTH)]] : [];
  });
}

/** What {@link breakdownOf} is told of an experiment. */
export function toldOf(decisions: Decisions, experiment: string): Told {
  // Flags that expose nothing: nobody has read them.
  const read = (flag: string): unknown => decisions.details<unknown>(flag, 0, undefined, false).value;
  const names = attributeOf((read('$$breakdown') ?? {}) as Context, experiment) ?? {};
  return Object.fromEntries(Object.entries(names).map(([name, flag]) => [name, flag && (read(flag) || 1)]));
}
