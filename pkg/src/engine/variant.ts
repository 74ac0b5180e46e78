/** A variant of a flag, and its value: read once from the engine's text. */

import { attempt } from '../platform/attempt.js';

/** A variant. One whose value cannot be read has type 0; one that stands for the caller's default has neither key nor value. */
export interface Variant {
  readonly key: string;
  readonly type: number;
  readonly value: unknown;
}

/** No variant yet. */
export const NOTHING: Variant = { key: '', type: 0, value: undefined };

/** A variant from the engine's text: its key, a line's end, the type of its value, a line's end, and the value as JSON. */
export function parseVariant(text: string): Variant {
  // Keys hold no line's end; the value's JSON might.
  const [key = '', type = 0] = text.split('\n', 2);
  const value = attempt(() => deepFreeze(JSON.parse(text.slice(key.length + 3))));
  return { key, type: value === undefined && key ? 0 : Number(type), value };
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
