/** A segment's people by their value of an attribute. */

import { engine, type Group, type Model } from '../engine/engine.js';
import { go, useAddress } from '../shell/address.js';
import { Counting } from '../ui/counting.js';
import { Empty } from '../ui/empty.js';
import { count, percent } from '../ui/numbers.js';
import { Select } from '../ui/select.js';
import { Share } from '../ui/share.js';
import { Table } from '../ui/table.js';
import { Progress } from '../ui/progress.js';
import { useAsked, useBasis } from './asked.js';

export function Breakdown({ segment, model }: { readonly segment: string; readonly model: Model }) {
  const { filters } = useAddress();
  const basis = useBasis();
  const attributes = Object.keys(model.attributes);
  const wanted = filters.by;
  const by = attributes.find((name) => name === wanted) ?? attributes.find((name) => model.attributes[name]?.values) ?? attributes[0] ?? '';
  const about = `${segment} ${by}`;
  const { value: groups, pending, error } = useAsked(basis && `${basis} ${about}`, about, () => engine.breakdown(segment, by));
  return (
    <>
      <Select
        label="By"
        value={by}
        options={attributes}
        onChange={(name) => go({ filters: { ...filters, by: name } }, 'replace')}
        width="14rem"
      />
      {error && <p className="bad">{error.message}</p>}
      {pending && !groups && <Progress label={`Counting by ${by}`} />}
      {groups && (
        <Counting isPending={pending}>
          <Table
            label={`${segment} by ${by}`}
            rows={groups}
            rowKey={(group) => `${group.values}:${group.value}`}
            height="26rem"
            columns={[
              { key: 'value', name: by, value: (group) => nameOf(group), phone: 'bare' },
              { key: 'matches', name: 'Match', value: ({ matches }) => matches, end: true },
              {
                key: 'share',
                name: 'Of that value',
                value: (group) => rate(group),
                cell: (group) => percent(group.matches, whole(group)),
                end: true,
              },
              { key: 'unknown', name: 'Unknown', value: ({ unknown }) => unknown, end: true },
              {
                key: 'bar',
                name: 'Share',
                sortable: false,
                phone: 'hide',
                value: () => undefined,
                cell: ({ matches, others, unknown, ...group }) => (
                  <Share compact label={nameOf(group)} matches={matches} others={others} unknown={unknown} />
                ),
              },
            ]}
            empty={
              <Empty title={`No column for ${by}`}>The file has no value of it. Choose another attribute, or match a column to it.</Empty>
            }
          />
        </Counting>
      )}
    </>
  );
}

const whole = ({ matches, others, unknown }: Group): number => matches + others + unknown;
const rate = (group: Group): number => (whole(group) === 0 ? 0 : group.matches / whole(group));
const nameOf = ({ value, values }: Pick<Group, 'value' | 'values'>): string =>
  values > 1 ? `${count(values)} other values` : value === '' ? '(none)' : value;
