/** What the visitor gets: each flag, its variant, and in a word why. */

import { useMemo } from 'react';
import type { Explanation } from 'waft/studio';
import { type Column, Table } from '../ui/table.js';
import { Tag } from '../ui/tag.js';

export interface Row {
  readonly flag: string;
  readonly told: Explanation;
  /** How many people of those in hand get the same variant; undefined before they are counted. */
  readonly people: number | undefined;
}

/** Reasons in the words of people; their names are OpenFeature's. */
export const REASONS: Readonly<Record<string, string>> = {
  STATIC: 'no rules',
  DEFAULT: 'default',
  TARGETING_MATCH: 'targeting rule',
  SPLIT: 'experiment',
  DISABLED: 'off',
  STALE: 'expired',
  ERROR: 'code fallback',
};

/** Whether a rule gave it something of its own. */
export const isOwn = ({ reason }: Explanation): boolean => reason === 'TARGETING_MATCH' || reason === 'SPLIT';

const textOf = ({ value }: Explanation): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

const PEOPLE: Column<Row> = { key: 'people', name: 'People', value: ({ people }) => people, end: true, width: '5.25rem' };

export function Flags({
  rows,
  selected,
  onOpen,
}: {
  readonly rows: readonly Row[];
  readonly selected: string | undefined;
  readonly onOpen: (flag: string) => void;
}) {
  const counted = rows.some(({ people }) => people !== undefined);
  const columns = useMemo(
    (): readonly Column<Row>[] => [
      { key: 'flag', name: 'Flag', value: ({ flag }) => flag, width: 'minmax(7.5rem, 1.2fr)' },
      { key: 'variant', name: 'Variant', value: ({ told }) => told.variant ?? '–', width: 'minmax(5rem, 0.8fr)' },
      ...(counted ? [PEOPLE] : []),
      {
        key: 'value',
        name: 'Value',
        value: ({ told }) => textOf(told),
        cell: ({ told }) => (
          <code className="value" title={textOf(told)}>
            {textOf(told)}
          </code>
        ),
        width: 'minmax(3.5rem, 1.2fr)',
        phone: 'hide',
      },
      {
        key: 'reason',
        name: 'Why',
        value: ({ told }) => REASONS[told.reason] ?? told.reason,
        cell: ({ told }) => (
          <>
            {told.killed ? (
              <Tag tone="bad">killed</Tag>
            ) : (
              <Tag tone={isOwn(told) ? 'accent' : 'plain'}>{REASONS[told.reason] ?? told.reason}</Tag>
            )}{' '}
            {told.rule && <span className="soft">{told.rule}</span>}
          </>
        ),
        width: 'minmax(7rem, 1.4fr)',
      },
    ],
    [counted],
  );
  return (
    <Table
      label="Flags for this visitor"
      rows={rows}
      columns={columns}
      rowKey={({ flag }) => flag}
      selected={selected}
      onOpen={({ flag }) => onOpen(flag)}
    />
  );
}
