/** Changes of a condition's tree, by where its parts are. */

import { type Condition, read, write } from '../rules/condition.js';
import { fitted, operatorOf, operatorsOf } from '../rules/operators.js';
import type { Value } from '../rules/value.js';
import type { Model } from '../engine/types.js';

/** From the top: the numbers of parts. */
export type Spot = readonly number[];

export const partsOf = (condition: Condition): readonly Condition[] =>
  condition.kind === 'all' || condition.kind === 'any' ? condition.parts : condition.kind === 'not' ? [condition.part] : [];

const withParts = (condition: Condition, parts: readonly Condition[]): Condition => {
  if (condition.kind === 'all' || condition.kind === 'any') return { ...condition, parts };
  const [part] = parts;
  return condition.kind === 'not' ? (part ? { kind: 'not', part } : { kind: 'all', parts: [], written: 'map' }) : condition;
};

/** As a group, of which a single condition is the only part. */
export const grouped = (condition: Condition): Condition & { kind: 'all' | 'any' } =>
  condition.kind === 'all' || condition.kind === 'any' ? condition : { kind: 'all', parts: [condition], written: 'map' };

/** With another part at a spot; undefined takes it away. */
export function replaced(condition: Condition, [first, ...rest]: Spot, part: Condition | undefined): Condition {
  if (first === undefined) return part ?? { kind: 'all', parts: [], written: 'map' };
  const parts = partsOf(condition).flatMap((one, index) => {
    if (index !== first) return [one];
    if (rest.length > 0) return [replaced(one, rest, part)];
    return part ? [part] : [];
  });
  return withParts(condition, parts);
}

export const at = (condition: Condition, spot: Spot): Condition | undefined =>
  spot.reduce<Condition | undefined>((found, index) => found && partsOf(found)[index], condition);

/** A new part at the end of a group. */
export function appended(condition: Condition, spot: Spot, part: Condition): Condition {
  const group = at(condition, spot);
  if (!group) return condition;
  const whole = grouped(group);
  return replaced(condition, spot, { ...whole, parts: [...whole.parts, part] });
}

/** A part that goes up or down among its neighbours. */
export function shifted(condition: Condition, spot: Spot, by: -1 | 1): Condition {
  const holder = at(condition, spot.slice(0, -1));
  const index = spot.at(-1) ?? 0;
  if (!holder || (holder.kind !== 'all' && holder.kind !== 'any')) return condition;
  const parts = [...holder.parts];
  const [part] = parts.splice(index, 1);
  if (part) parts.splice(index + by, 0, part);
  // A map has no order that somebody could change.
  const { written: _, ...rest } = holder;
  return replaced(condition, spot.slice(0, -1), { ...rest, parts });
}

/** As it is read again once it is written: parts of one key are beside each other. */
export const tidied = (condition: Condition): Condition => read(write(condition));

/** What somebody most likely begins with. */
export function firstTest({ attributes }: Model): Condition {
  const names = Object.keys(attributes).filter((name) => !attributes[name]?.private);
  const name = names.find((one) => attributes[one]?.values) ?? names.find((one) => !/id$/i.test(one)) ?? names[0];
  if (name === undefined) return { kind: 'all', parts: [], written: 'map' };
  return testOf(name, attributes[name]);
}

export function testOf(attribute: string, declared: Model['attributes'][string] | undefined): Condition {
  const type = declared?.type ?? 'string';
  const [operator] = operatorsOf(type);
  const operand = declared?.values?.[0] ?? fitted(null, type, operator?.shape ?? 'one');
  return { kind: 'test', attribute, operator: operator?.name ?? 'is', operand };
}

/** A test with another operator, which keeps what was written as far as it can. */
export function withOperator(test: Condition & { kind: 'test' }, type: string, name: string): Condition {
  if (name === 'present' || name === 'missing') return { ...test, operator: 'exists', operand: name === 'present' };
  const shape = operatorOf(type, name)?.shape ?? 'one';
  return { ...test, operator: name, operand: fitted(test.operand, type, shape) };
}

/** A test of another attribute: what was written stays if the type is the same. */
export function withAttribute(test: Condition & { kind: 'test' }, attribute: string, { attributes }: Model): Condition {
  const [before, after] = [attributes[test.attribute], attributes[attribute]];
  const isSame = before?.type === after?.type && !before?.values && !after?.values;
  return isSame ? { ...test, attribute } : testOf(attribute, after);
}

/** What is written of a number: what is none stays as it is typed, and is marked. */
export const numbered = (text: string): Value => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text);
