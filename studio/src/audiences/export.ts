/** People as a CSV that a spreadsheet opens without running anything. */

/** What a spreadsheet takes for a formula: at the beginning, and behind what some of them end a cell with. */
const FORMULA = /(^|[;,\t\r\n])(?=[=+\-@\t\r])/g;

/** A cell. Text that would be a formula gets a `'` before it, as OWASP advises; numbers stay numbers. */
export function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = Array.isArray(value) ? value.join('|') : String(value);
  const safe = typeof value === 'number' ? text : text.replace(FORMULA, "$1'");
  return /[",;\t\r\n|]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function lines(columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  return rows.map((row) => `${columns.map((name) => cell(row[name])).join(',')}\r\n`).join('');
}
