/** The operators of each type of attribute, and what is written beside them: the table of docs/ruleset.md, section 6. */

import type { Value } from './value.js';

/** What an operator's value is: a single one, several, one or several, two bounds, and so on. */
export type Shape = 'truth' | 'one' | 'several' | 'some' | 'bounds' | 'duration' | 'size';
export type AttributeType = 'string' | 'number' | 'boolean' | 'date' | 'semver' | 'list';

export interface Operator {
  readonly name: string;
  /** Between the attribute and the value, where people read it. */
  readonly words: string;
  readonly shape: Shape;
}

const operator = (name: string, words: string, shape: Shape): Operator => ({ name, words, shape });
const EXISTS = operator('exists', 'is present', 'truth');
const EQUAL = [operator('is', 'is', 'one'), operator('isNot', 'is not', 'one')];
const ONE_OF = [operator('in', 'is one of', 'several'), operator('notIn', 'is none of', 'several')];
const ORDER = [
  operator('lt', 'is less than', 'one'),
  operator('lte', 'is at most', 'one'),
  operator('gt', 'is more than', 'one'),
  operator('gte', 'is at least', 'one'),
  operator('between', 'is between', 'bounds'),
];

export const OPERATORS: Readonly<Record<AttributeType, readonly Operator[]>> = {
  string: [
    ...EQUAL,
    ...ONE_OF,
    operator('contains', 'contains', 'some'),
    operator('startsWith', 'starts with', 'some'),
    operator('endsWith', 'ends with', 'some'),
    operator('isAnyCase', 'is, in upper or lower case,', 'some'),
    operator('containsAnyCase', 'contains, in upper or lower case,', 'some'),
    operator('startsWithAnyCase', 'starts, in upper or lower case, with', 'some'),
    operator('endsWithAnyCase', 'ends, in upper or lower case, with', 'some'),
    operator('matches', 'matches the pattern', 'some'),
    EXISTS,
  ],
  number: [...EQUAL, ...ONE_OF, ...ORDER, EXISTS],
  boolean: [...EQUAL, EXISTS],
  date: [
    operator('before', 'is before', 'one'),
    operator('after', 'is after', 'one'),
    operator('between', 'is between', 'bounds'),
    operator('within', 'was in the last', 'duration'),
    operator('withinNext', 'will be in the next', 'duration'),
    EXISTS,
  ],
  semver: [...EQUAL, ...ONE_OF, ...ORDER, EXISTS],
  list: [
    operator('has', 'has', 'some'),
    operator('hasAll', 'has all of', 'some'),
    operator('hasAny', 'has any of', 'some'),
    operator('hasNone', 'has none of', 'some'),
    operator('size', 'has this many items:', 'size'),
    EXISTS,
  ],
};

export const operatorsOf = (type: string | undefined): readonly Operator[] => OPERATORS[type as AttributeType] ?? OPERATORS.string;
export const operatorOf = (type: string | undefined, name: string): Operator | undefined =>
  operatorsOf(type).find((one) => one.name === name);

/** What was written, as another operator takes it. */
export function fitted(operand: Value, type: string, shape: Shape): Value {
  const items = (Array.isArray(operand) ? operand : [operand]) as readonly Value[];
  const known = items.filter((item) => typeof item !== 'object' && typeof item !== 'boolean' && item !== null);
  const [first = type === 'number' ? 0 : type === 'semver' ? '1.0.0' : type === 'date' ? '2026-01-01' : ''] = known;
  switch (shape) {
    case 'truth':
      return true;
    case 'one':
      return type === 'boolean' ? (typeof operand === 'boolean' ? operand : true) : first;
    case 'several':
      return known.length > 0 ? known.filter((item) => item !== '') : [];
    case 'some':
      return known.length > 1 ? known : first;
    case 'bounds':
      return [first, known[1] ?? first];
    case 'duration':
      return /^\d+[smhdw]$/.test(String(first)) ? first : '30d';
    case 'size':
      return typeof first === 'number' ? first : { gte: 1 };
  }
}
