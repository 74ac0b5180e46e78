/** What is said of a file of people, in words. */

import type { ColumnReport, Report } from '../engine/types.js';
import { count, counted } from '../ui/numbers.js';

const SEPARATORS: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' };

/** How numbers and dates are written, by examples. */
export const FORMS: Readonly<Record<string, string>> = {
  point: '1,234.5',
  comma: '1.234,5',
  rfc3339: '2026-11-30, with an offset if it has a time',
  'without-offset': '2026-11-30 08:00, taken as UTC',
  milliseconds: 'milliseconds since 1970',
  seconds: 'seconds since 1970',
  'day-first': '30.11.2026 (day first), taken as UTC',
  'month-first': '11/30/2026 (month first), taken as UTC',
};

/** How a file is written. */
export function written({ format, encoding, separator, quote, titles }: Report): string {
  const parts = [format === 'csv' ? 'CSV' : format === 'json' ? 'JSON' : 'JSON lines', encoding.toUpperCase()];
  if (separator) parts.push(`separated by ${SEPARATORS[separator] ?? `“${separator}”`}`);
  if (quote && quote !== '"') parts.push(`quoted with ${quote}`);
  if (titles.length > 0) parts.push(`${counted(titles.length, 'title row')} skipped (“${titles[0]?.trim()}”)`);
  return `${parts.join(', ')}.`;
}

/** Why rows were skipped. */
export function skippedWords({ skipped }: Report): string {
  const kinds: [number, string][] = [
    [skipped.short, 'with too few fields'],
    [skipped.long, 'with too many fields'],
    [skipped.blank, 'empty'],
    [skipped.openQuote, 'with a quote that is not closed'],
    [skipped.noObject, 'that are no JSON objects'],
  ];
  const said = kinds.filter(([rows]) => rows > 0).map(([rows, what]) => `${count(rows)} ${what}`);
  return `${counted(skipped.rows, 'row')} skipped: ${said.join(', ')}`;
}

/** Whether all rows can be read in two ways. */
export function isChoice(forms: ColumnReport['forms']): boolean {
  const [first, second] = forms;
  return first !== undefined && second !== undefined && first.rows === second.rows && !first.form.startsWith('rfc');
}

/** What somebody should look at: a column that may be meant for an attribute, two ways to read one, values that are no values. */
export const isOdd = ({ proposed, forms, attribute, unread, outside, matched }: ColumnReport): boolean =>
  proposed !== undefined || matched === 'twice' || (attribute !== undefined && (isChoice(forms) || unread.rows > 0 || outside.rows > 0));

/**
 * How many rows have an id that an earlier one has, and in which column, where no column of ids tells all rows apart: visits, and not people.
 * Several people of one account are people. Of a sample it is not known.
 */
export function repeated(
  { columns, rows, sampledFrom = rows }: Report,
  units: readonly string[],
): { readonly header: string; readonly rows: number } | undefined {
  const ids = columns.filter(({ attribute, distinct }) => attribute !== undefined && units.includes(attribute) && distinct > 0);
  const [best] = ids
    .map(({ header, empty, distinct }) => ({ header, rows: rows - empty - distinct }))
    .sort((one, other) => one.rows - other.rows);
  return best && best.rows > 0 && sampledFrom === rows ? best : undefined;
}
