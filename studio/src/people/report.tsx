/** What came of reading a file, for people to check: how it is written, which column is which attribute, and what was skipped. */

import { useEffect, useMemo, useState } from 'react';
import type { Choices, ColumnReport, Report } from '../engine/types.js';
import { Button } from '../ui/button.js';
import { ErrorNote } from '../ui/error.js';
import { count, counted } from '../ui/numbers.js';
import { Select } from '../ui/select.js';
import { Tag } from '../ui/tag.js';
import { FORMS, isChoice, isOdd, repeated, skippedWords, written } from './words.js';

/** Of hundreds of columns that are not used, some. */
const SHOWN = 60;

export interface FileReportProps {
  readonly report: Report;
  readonly attributes: readonly string[];
  /** Those that are ids. */
  readonly units: readonly string[];
  readonly choices: Choices;
  /** Reads the file again by one more choice. */
  readonly onChange: (choose: (now: Choices) => Choices) => void;
}

export function FileReport({ report, attributes, units, choices, onChange }: FileReportProps) {
  const again = repeated(report, units);
  const unused = report.columns.filter(({ attribute }) => !attribute).length;
  const used = report.columns.length - unused;
  const columns = useOrder(report.columns);
  // What is missing may be in a column that has another name.
  const isAsked = used === 0 || report.columns.some(isOdd) || (report.missing.length > 0 && unused > 0);
  const [isOpen, setOpen] = useState(isAsked);
  // What should be looked at is in view; it stays there once it is settled.
  useEffect(() => {
    if (isAsked) setOpen(true);
  }, [isAsked]);
  return (
    <div className="stack tight" data-report="">
      <p className="soft" data-written="">
        {written(report)}
      </p>
      {report.sampledFrom !== undefined && report.sampledFrom > report.rows && (
        <ErrorNote
          tone="unsure"
          code="SAMPLED"
          title={`A sample: ${count(report.rows)} of ${count(report.sampledFrom)} people`}
          remedy="Shares are those of the sample. For all of them, choose a file with fewer columns or rows."
        >
          They were taken by chance, because all of them take too much memory.
        </ErrorNote>
      )}
      {report.skipped.rows > 0 && (
        <details className="notice" data-skipped={report.skipped.rows}>
          <summary>{skippedWords(report)}</summary>
          <ul>
            {report.skipped.examples.map(({ line, problem, text }) => (
              <li key={line}>
                Line {count(line)}: {problem} {text !== '' && <code>{text}</code>}
              </li>
            ))}
          </ul>
        </details>
      )}
      {report.missing.length > 0 && (
        <p data-missing="">
          No column for <strong>{report.missing.join(', ')}</strong>. <span className="soft">Whoever is asked for these is unknown.</span>
        </p>
      )}
      {again && (
        <p data-repeated={again.rows}>
          <Tag tone="unsure">Check</Tag> {counted(again.rows, 'row')} with an id that is in an earlier row, in the column{' '}
          <strong>{again.header}</strong>. <span className="soft">Each row is counted as a person: export one row for each.</span>
        </p>
      )}
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          Columns: {count(used)} used{unused > 0 && `, ${count(unused)} not`}
        </summary>
        <ul className="columns">
          {columns.slice(0, SHOWN).map((column) => (
            <Column key={column.header} column={column} attributes={attributes} choices={choices} onChange={onChange} />
          ))}
        </ul>
        {columns.length > SHOWN && <p className="soft">And {counted(columns.length - SHOWN, 'more column')} that are not used.</p>}
      </details>
    </div>
  );
}

/** What is used comes first, then what may be meant; as the file was first read: no column moves while somebody chooses. */
function useOrder(columns: readonly ColumnReport[]): readonly ColumnReport[] {
  const rank = ({ attribute, proposed }: ColumnReport): number => (attribute ? 0 : proposed ? 1 : 2);
  const headers = columns.map(({ header }) => header).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: of another file, another order
  const places = useMemo(() => {
    const sorted = [...columns].sort((one, other) => rank(one) - rank(other));
    return new Map(sorted.map(({ header }, place) => [header, place]));
  }, [headers]);
  return [...columns].sort((one, other) => (places.get(one.header) ?? 0) - (places.get(other.header) ?? 0));
}

function Column({ column, attributes, choices, onChange }: Omit<FileReportProps, 'report' | 'units'> & { readonly column: ColumnReport }) {
  const { header, attribute, matched, proposed, empty, distinct, unread, outside, examples } = column;
  const map = (to: string): void => onChange((now) => ({ ...now, columns: { ...now.columns, [header]: to || null } }));
  // What was chosen, though the file is still being read by it.
  const { [header]: chosen = attribute } = choices.columns ?? {};
  return (
    <li data-column={header} data-matched={matched}>
      <Select label={header} value={chosen ?? ''} onChange={map} options={[{ value: '', name: '(not used)' }, ...attributes]} />
      <div className="told">
        {proposed && (
          <p className="row">
            Perhaps <strong>{proposed}</strong>?{' '}
            <Button small onPress={() => map(proposed)}>
              Use it
            </Button>
          </p>
        )}
        {matched === 'twice' && <Odd>Another column fills this attribute already.</Odd>}
        {attribute ? (
          <p className="soft">
            {[matched === 'alike' && 'name alike', counted(distinct, 'value'), empty > 0 && `${counted(empty, 'row')} without`]
              .filter(Boolean)
              .join(', ')}
          </p>
        ) : (
          examples.length > 0 && <p className="soft examples">{examples.slice(0, 3).join(', ')}</p>
        )}
        {attribute && unread.rows > 0 && <Odd examples={unread.examples}>{counted(unread.rows, 'row')} of another type, so unknown</Odd>}
        {attribute && outside.rows > 0 && <Odd examples={outside.examples}>{counted(outside.rows, 'row')} not in the enum</Odd>}
        {attribute && <ReadAs column={column} attribute={attribute} onChange={onChange} />}
      </div>
    </li>
  );
}

function Odd({ children, examples = [] }: { readonly children: React.ReactNode; readonly examples?: readonly string[] }) {
  const said = examples.slice(0, 3).map((example) => `“${example}”`);
  return (
    <p>
      <Tag tone="unsure">Check</Tag> {children}
      {said.length > 0 && `: ${said.join(', ')}`}
    </p>
  );
}

/** How numbers and dates are read, and how else they can be. */
function ReadAs({
  column: { header, forms, dates, numbers },
  attribute,
  onChange,
}: Pick<FileReportProps, 'onChange'> & { readonly column: ColumnReport; readonly attribute: string }) {
  const form = dates ?? numbers;
  if (forms.length > 1) {
    return (
      <Select
        label={isChoice(forms) ? `${header} can be read in two ways:` : `${header} is read as`}
        value={form ?? ''}
        onChange={(name) => onChange((now) => ({ ...now, forms: { ...now.forms, [attribute]: name as never } }))}
        options={forms.map(({ form: name, rows }) => ({ value: name, name: `${FORMS[name] ?? name} (${counted(rows, 'row')})` }))}
      />
    );
  }
  if (form === undefined || form === 'rfc3339' || form === 'point') return null;
  return <p className="soft">Read as {FORMS[form]}</p>;
}
