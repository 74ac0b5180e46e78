/** Options of functions that no client hears of: what is wrong with them is for whoever wrote the call. */

import { membersOf } from './attempt.js';

/** What a value is to be, and whether it is. */
export type Wanted = readonly [what: string, isGood: (value: unknown) => boolean];

/** Options without those that are left out. Throws a `TypeError` for one that there is not, or whose value cannot be followed. */
export function expectOptions<T extends object>(of: string, options: T | undefined, known: Readonly<Record<string, Wanted>>): T {
  const wrong = wrongOption(options, known);
  if (wrong) throw new TypeError(`${of}: ${wrong}`);
  return Object.fromEntries(Object.entries(membersOf(options)).filter(([, value]) => value !== undefined && value !== null)) as T;
}

/** What is wrong with the first option that is. Those that are `undefined` or `null` are left out. */
export function wrongOption(options: unknown, known: Readonly<Record<string, Wanted>>): string | undefined {
  for (const [name, value] of Object.entries(membersOf(options))) {
    const wanted = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!wanted) return `unknown option ${name} (there are ${Object.keys(known).join(', ')})`;
    const [what, isGood] = wanted;
    if (value !== undefined && value !== null && !isGood(value)) return `${name} must be ${what}`;
  }
  return undefined;
}

export const TEXT: Wanted = ['a string', (value) => typeof value === 'string'];
export const TRUTH: Wanted = ['true or false', (value) => typeof value === 'boolean'];
export const TEXTS: Wanted = ['an array of strings', (value) => Array.isArray(value) && value.every((item) => typeof item === 'string')];

/** One of some texts, or of other values. */
export function oneOf(...values: readonly unknown[]): Wanted {
  return [values.map((value) => JSON.stringify(value)).join(' or '), (value) => values.includes(value)];
}
