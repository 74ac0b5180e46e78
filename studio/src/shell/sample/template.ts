/** A file to fill in: a column for each attribute that the rules declare, and two people as examples. */

import { download } from '../download.js';

interface Attributes {
  readonly attributes: Readonly<Record<string, { readonly type: string; readonly values?: readonly string[]; readonly private?: boolean }>>;
}

const EXAMPLES: Readonly<Record<string, readonly [string, string]>> = {
  string: ['', ''],
  number: ['3', '0'],
  boolean: ['true', 'false'],
  date: ['2026-03-01', '2026-10-18T09:30:00Z'],
  semver: ['3.4.1', '2.9.3'],
  list: ['sailing|wool', ''],
};
const NAMED: Readonly<Record<string, readonly [string, string]>> = { country: ['DE', 'FR'], email: ['anke@example.com', ''] };

export function template({ attributes }: Attributes): string {
  const names = Object.keys(attributes);
  const rows = [0, 1].map((at) =>
    names.map((name) => {
      const { type, values } = attributes[name] ?? { type: 'string' };
      if (values?.length) return values[at % values.length] ?? '';
      if (/id$/i.test(name)) return `${name.replace(/id$/i, '').toLowerCase()}-${at + 1}`;
      return (NAMED[name] ?? EXAMPLES[type] ?? ['', ''])[at] ?? '';
    }),
  );
  return `${[names, ...rows].map((row) => row.map(quoted).join(',')).join('\n')}\n`;
}

const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

export const downloadTemplate = (model: Attributes): void => download('people-template.csv', [template(model)], 'text/csv');
