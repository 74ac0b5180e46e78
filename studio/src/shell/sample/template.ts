/** A file to fill in: a column for each attribute that the rules declare, and two people as examples. */

import { parse } from 'yaml';
import { download } from '../download.js';
import type { Files } from '../session.js';

interface Attributes {
  readonly attributes: Readonly<Record<string, { readonly type: string; readonly values?: readonly string[]; readonly private?: boolean }>>;
}

/** What the files of a ruleset declare, as far as a template needs it. */
export function attributesOf(files: Files): Attributes['attributes'] {
  const found: Record<string, { type: string; values?: readonly string[] }> = {};
  for (const [path, text] of Object.entries(files)) {
    if (!/\.ya?ml$/.test(path) || /\.test\.\w+$/.test(path)) continue;
    const { attributes = {} } = (parse(text) ?? {}) as {
      attributes?: Record<string, string | { type?: string; enum?: readonly string[] }>;
    };
    for (const [name, told] of Object.entries(attributes)) {
      found[name] = typeof told === 'string' ? { type: told } : { type: told.type ?? 'string', ...(told.enum && { values: told.enum }) };
    }
  }
  return found;
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
