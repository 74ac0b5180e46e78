/** The figures of a condition, part by part, beside the tree that people see. */

import type { Counted } from '../engine/types.js';
import { type Condition, write } from '../rules/condition.js';

/** By the text of a part: the same part has the same figures, wherever it stands. So those of parts that were not touched stay while others are counted. */
export type Figures = ReadonlyMap<string, Counted>;

export const textOf = (condition: Condition): string => JSON.stringify(write(condition));

/**
 * Which figures belong to which part. The compiler has one part for each key of a map, and below it one for each operator of an attribute;
 * people see them on one level.
 */
export function aligned(condition: Condition, counted: Counted): Figures {
  const figures = new Map<string, Counted>();
  align(condition, counted, figures);
  return figures;
}

function align(condition: Condition, counted: Counted, figures: Map<string, Counted>): void {
  figures.set(textOf(condition), counted);
  if (condition.kind === 'not') return each([condition.part], counted.parts, figures);
  if (condition.kind !== 'all' && condition.kind !== 'any') return;
  if (condition.kind === 'any' || condition.written !== 'map') return each(condition.parts, counted.parts, figures);
  const groups: Condition[][] = [];
  for (const part of condition.parts) {
    const last = groups.at(-1)?.[0];
    if (last && keyOf(last) !== undefined && keyOf(last) === keyOf(part)) groups.at(-1)?.push(part);
    else groups.push([part]);
  }
  const [only] = groups;
  if (groups.length === 1 && only) return only.length === 1 ? each(only, [counted], figures) : each(only, counted.parts, figures);
  groups.forEach((group, index) => {
    const own = counted.parts[index];
    if (own) each(group, group.length === 1 ? [own] : own.parts, figures);
  });
}

function each(parts: readonly Condition[], counted: readonly Counted[], figures: Map<string, Counted>): void {
  parts.forEach((part, index) => {
    const own = counted[index];
    if (own) align(part, own, figures);
  });
}

/** Tests of one attribute, and flags, share a key of a map. */
const keyOf = (part: Condition): string | undefined =>
  part.kind === 'test' ? part.attribute : part.kind === 'flag' ? '\0flag' : undefined;
