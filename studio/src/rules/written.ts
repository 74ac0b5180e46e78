/** A value as the text of a ruleset: within braces, or on lines of its own. */

import { isEntries, isList, type Value } from './value.js';

/** How a file is written, as far as what is added to it follows it. */
export interface Style {
  readonly json: boolean;
  /** Spaces by which lines are indented further. */
  readonly step: number;
  /** `\n` or `\r\n`. */
  readonly end: string;
}

/** Quotes of the text that is replaced. */
export type Quotes = 'single' | 'double' | undefined;

/** Up to this column maps and lists go on one line. */
export const WIDTH = 120;

// What YAML's core schema reads as something else than text.
const NO_TEXT =
  /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?\d+|0o[0-7]+|0x[\da-fA-F]+|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
// Narrower than YAML's rule: whoever reads it, in braces or not, reads the same. A colon stands in times alone.
const PLAIN = /^(?!\.\.\.)[\p{L}\p{N}_.$(^/](?:[\p{L}\p{N}_.$()^/%+\-*'!?=@;<>~ ]|(?<=\d):(?=\d))*$/u;
// What YAML does not take as it is, in quotes.
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what single quotes cannot hold
const NEEDS_DOUBLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Cs}/u;

export function scalar(value: string | number | boolean | null, { json }: Style, quotes?: Quotes): string {
  if (typeof value === 'number' && !json) {
    if (Number.isNaN(value)) return '.nan';
    if (!Number.isFinite(value)) return value < 0 ? '-.inf' : '.inf';
    if (Object.is(value, -0)) return '-0.0';
  }
  if (typeof value !== 'string') return String(value);
  if (json || quotes === 'double') return doubled(value);
  if (quotes === undefined && PLAIN.test(value) && !value.endsWith(' ') && !NO_TEXT.test(value)) return value;
  const single = quotes === 'single' || /[\\"]/.test(value);
  return single && !NEEDS_DOUBLE.test(value) ? `'${value.replaceAll("'", "''")}'` : doubled(value);
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
const doubled = (value: string): string => JSON.stringify(value).replace(UNPRINTABLE, escaped);

export const key = (name: string, style: Style): string => {
  const written = scalar(name, style);
  return written.includes(':') && !/^["']/.test(written) ? doubled(name) : written;
};

/** On one line, within braces or brackets. */
export function flow(value: Value, style: Style): string {
  if (isList(value)) return `[${value.map((item) => flow(item, style)).join(', ')}]`;
  if (!isEntries(value)) return scalar(value, style);
  const entries = Object.entries(value).map(([name, inner]) => `${key(name, style)}: ${flow(inner, style)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** Several maps in a list are read better below each other. */
function isBulky(value: Value): boolean {
  if (isList(value)) return value.some(isBulky) || (value.length > 1 && value.some((item) => isEntries(item) || isList(item)));
  return isEntries(value) && Object.values(value).some(isBulky);
}

/** Whether a value goes on the line that has come to a column. */
export function fits(value: Value, column: number, style: Style): boolean {
  if (!isList(value) && !isEntries(value)) return true;
  return !isBulky(value) && column + flow(value, style).length <= WIDTH;
}

/** A map or list on lines of its own, without the indentation of its first line. `value` has an item. */
export function block(value: Value, indent: number, style: Style, open = 0): string {
  const margin = style.end + ' '.repeat(indent);
  if (isList(value)) return value.map((item) => `- ${below(item, indent + 2, style)}`).join(margin);
  if (!isEntries(value)) return scalar(value, style);
  return Object.entries(value)
    .map(([name, it]) => entry(name, it, indent, style, open))
    .join(margin);
}

/** `key: value` on lines of its own. What does not fit goes below it; so many levels that are `open`, even if they fit. */
export function entry(name: string, value: Value, indent: number, style: Style, open = 0): string {
  const head = `${key(name, style)}:`;
  if (open > 0 ? isEmpty(value) : fits(value, indent + head.length + 1, style)) return `${head} ${flow(value, style)}`;
  const deeper = indent + style.step;
  return head + style.end + ' '.repeat(deeper) + block(value, deeper, style, open - 1);
}

const isEmpty = (value: Value): boolean => !((isList(value) || isEntries(value)) && Object.keys(value).length > 0);
const below = (value: Value, indent: number, style: Style): string =>
  fits(value, indent, style) ? flow(value, style) : block(value, indent, style);
