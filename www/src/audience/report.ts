/** What came of reading a file, for people to check: how it is written, which column is which attribute, and what was skipped. */

import type { ColumnReport, Report } from 'waft/workbench';
import { type Child, h } from '../dom.js';
import type { Choices } from './reader.js';

const SEPARATORS: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' };
const FORMS: Readonly<Record<string, string>> = {
  point: '1,234.5',
  comma: '1.234,5',
  rfc3339: '2026-11-30, with an offset if it has a time',
  'without-offset': '2026-11-30 08:00, taken as UTC',
  milliseconds: 'milliseconds since 1970',
  seconds: 'seconds since 1970',
  'day-first': '30.11.2026, taken as UTC',
  'month-first': '11/30/2026, taken as UTC',
};

const number = (count: number): string => count.toLocaleString('en');
const counted = (count: number, one: string, many = `${one}s`): string => `${number(count)} ${count === 1 ? one : many}`;

/** How a file is written, in words. */
export function written({ format, encoding, separator, quote, titles }: Report): string {
  const parts = [format === 'csv' ? 'CSV' : format === 'json' ? 'JSON' : 'JSON lines', encoding.toUpperCase()];
  if (separator) parts.push(`separated by ${SEPARATORS[separator] ?? `“${separator}”`}`);
  if (quote && quote !== '"') parts.push(`quoted with ${quote}`);
  if (titles.length > 0) parts.push(`${counted(titles.length, 'title row')} skipped (“${titles[0]?.trim()}”)`);
  return `${parts.join(', ')}.`;
}

/** All that should be checked; `change` reads the file again by other choices. */
export function checked(report: Report, attributes: readonly string[], choices: Choices, change: (choices: Choices) => void): HTMLElement {
  const map = (header: string, attribute: string): void =>
    change({ ...choices, columns: { ...choices.columns, [header]: attribute || null } });
  const form = (attribute: string, name: string): void => change({ ...choices, forms: { ...choices.forms, [attribute]: name } });
  const unused = report.columns.filter(({ attribute }) => !attribute).length;
  return h(
    'div',
    { id: 'file-report' },
    h('p', { class: 'note', id: 'file-written' }, written(report)),
    report.sampledFrom !== undefined &&
      h(
        'p',
        { class: 'caution', id: 'file-sample' },
        `A sample: ${number(report.rows)} of ${number(report.sampledFrom)} people, taken by chance, because all of them take too much memory. Shares are those of the sample.`,
      ),
    report.skipped.rows > 0 && skipped(report),
    report.missing.length > 0 &&
      h('p', { class: 'note', id: 'file-missing' }, `No column for: ${report.missing.join(', ')}. What asks for these is not known.`),
    h(
      'details',
      { open: report.columns.some(({ proposed, forms }) => proposed !== undefined || isChoice(forms)) || report.columns.length === unused },
      h('summary', {}, `Columns: ${number(report.columns.length - unused)} used${unused > 0 ? `, ${number(unused)} not` : ''}`),
      h(
        'div',
        { class: 'scroll' },
        h(
          'table',
          { class: 'columns' },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              h('th', { scope: 'col' }, 'Column'),
              h('th', { scope: 'col' }, 'Attribute'),
              h('th', { scope: 'col' }, 'What is in it'),
            ),
          ),
          h(
            'tbody',
            {},
            // What is used comes first; of hundreds that are not, some.
            [...report.columns]
              .sort((one, other) => rank(one) - rank(other))
              .slice(0, 60)
              .map((column) => row(column, attributes, map, form)),
          ),
        ),
      ),
    ),
  );
}

const rank = ({ attribute, proposed }: ColumnReport): number => (attribute ? 0 : proposed ? 1 : 2);

/** Whether all rows can be read in two ways. */
function isChoice(forms: ColumnReport['forms']): boolean {
  const [first, second] = forms;
  return first !== undefined && second !== undefined && first.rows === second.rows && !first.form.startsWith('rfc');
}

function skipped({ skipped }: Report): HTMLElement {
  const kinds: [number, string][] = [
    [skipped.short, 'with too few fields'],
    [skipped.long, 'with too many fields'],
    [skipped.blank, 'empty'],
    [skipped.openQuote, 'with a quote that is not closed'],
    [skipped.noObject, 'that are no JSON objects'],
  ];
  const said = kinds.filter(([count]) => count > 0).map(([count, what]) => `${number(count)} ${what}`);
  return h(
    'details',
    { class: 'caution', id: 'file-skipped', 'data-rows': skipped.rows },
    h('summary', {}, `${counted(skipped.rows, 'row')} skipped: ${said.join(', ')}`),
    h(
      'ul',
      {},
      skipped.examples.map(({ line, problem, text }) =>
        h('li', {}, `Line ${number(line)}: ${problem}`, text !== '' && h('code', {}, ` ${text}`)),
      ),
    ),
  );
}

function row(
  column: ColumnReport,
  attributes: readonly string[],
  map: (header: string, attribute: string) => void,
  form: (attribute: string, name: string) => void,
): HTMLElement {
  const { header, attribute, matched, proposed, empty, distinct, unread, outside, examples } = column;
  const choose = h(
    'select',
    {
      'aria-label': `Attribute of ${header}`,
      'data-column': header,
      change: (event) => map(header, (event.target as HTMLSelectElement).value),
    },
    ['', ...attributes].map((name) => h('option', { value: name, selected: name === (attribute ?? '') }, name || '(not used)')),
  );
  const told: Child[] = [];
  if (proposed)
    told.push(
      h(
        'span',
        {},
        `Perhaps ${proposed}? `,
        h('button', { type: 'button', class: 'button quiet small', 'data-propose': header, click: () => map(header, proposed) }, 'Use it'),
      ),
    );
  if (matched === 'twice') told.push(h('span', { class: 'odd' }, 'Another column fills this attribute already.'));
  if (attribute) {
    const facts = [`${counted(distinct, 'value')}`];
    if (empty > 0) facts.push(`${counted(empty, 'row')} without`);
    if (matched === 'alike') facts.unshift('name alike');
    told.push(h('span', {}, facts.join(', ')));
    if (unread.rows > 0) told.push(odd(`${counted(unread.rows, 'row')} of another type, so unknown`, unread.examples));
    if (outside.rows > 0) told.push(odd(`${counted(outside.rows, 'row')} not in the enum`, outside.examples));
    const read = readAs(column, attribute, form);
    if (read) told.push(read);
  } else if (examples.length > 0) told.push(h('span', { class: 'examples' }, examples.slice(0, 3).join(', ')));
  return h(
    'tr',
    { 'data-matched': matched },
    h('th', { scope: 'row' }, header),
    h('td', {}, choose),
    h(
      'td',
      {},
      told.map((part) => h('div', {}, part)),
    ),
  );
}

function odd(text: string, examples: readonly string[]): HTMLElement {
  return h(
    'span',
    { class: 'odd' },
    `${text}: ${examples
      .slice(0, 3)
      .map((example) => `“${example}”`)
      .join(', ')}`,
  );
}

/** How numbers and dates are read, and how else they can be. */
function readAs(
  { header, forms, dates, numbers }: ColumnReport,
  attribute: string,
  choose: (attribute: string, name: string) => void,
): Child {
  if (forms.length > 1) {
    const change = (event: Event): void => choose(attribute, (event.target as HTMLSelectElement).value);
    const option = ({ form, rows }: ColumnReport['forms'][number]): HTMLElement =>
      h('option', { value: form, selected: form === (dates ?? numbers) }, `${FORMS[form] ?? form} (${counted(rows, 'row')})`);
    return h(
      'label',
      { class: isChoice(forms) ? 'odd' : '' },
      isChoice(forms) ? 'Can be read in two ways: ' : 'Read as ',
      h('select', { 'aria-label': `How ${header} is read`, 'data-form': attribute, change }, forms.map(option)),
    );
  }
  if (dates && dates !== 'rfc3339') return h('span', {}, `read as ${FORMS[dates]}`);
  return numbers === 'comma' && h('span', {}, `read as ${FORMS[numbers]}`);
}
