/** How many people two segments share. */

import { engine, type Model } from '../engine/engine.js';
import { go, useAddress } from '../shell/address.js';
import { Counting } from '../ui/counting.js';
import { Empty } from '../ui/empty.js';
import { percent } from '../ui/numbers.js';
import { Select } from '../ui/select.js';
import { Split } from '../ui/share.js';
import { useAsked, useBasis } from './asked.js';

export function Overlap({ segment, model }: { readonly segment: string; readonly model: Model }) {
  const { filters } = useAddress();
  const basis = useBasis();
  const others = model.segments.map(({ key }) => key).filter((key) => key !== segment);
  const other = others.find((name) => name === filters.with) ?? others[0];
  const about = `${segment} ${other}`;
  const { value, error, pending } = useAsked(basis && other ? `${basis} ${about}` : undefined, about, () =>
    engine.overlap(segment, other ?? ''),
  );
  if (other === undefined) return <Empty title="No other segment">There is nothing to compare with yet: make another segment.</Empty>;
  const inFirst = value ? value.both + value.first : 0;
  return (
    <>
      <Select
        label="With"
        value={other}
        options={others}
        onChange={(name) => go({ filters: { ...filters, with: name } }, 'replace')}
        width="14rem"
      />
      {error && <p className="bad">{error.message}</p>}
      {value && (
        <Counting isPending={pending}>
          <div className="stack tight" data-overlap={other} data-both={value.both}>
            <Split
              label={`${segment} and ${other}`}
              parts={[
                { name: 'both', value: value.both, colour: 'var(--v2)' },
                { name: `${segment} alone`, value: value.first, colour: 'var(--v3)' },
                { name: `${other} alone`, value: value.second, colour: 'var(--v4)' },
                { name: 'neither', value: value.neither, colour: 'var(--other)' },
                { name: 'unknown', value: value.unknown, colour: 'var(--unknown)' },
              ]}
            />
            <p className="soft">
              {percent(value.both, inFirst)} of {segment} are in {other}, too.
            </p>
          </div>
        </Counting>
      )}
    </>
  );
}
