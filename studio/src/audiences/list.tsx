/** Every flag and segment, with whom it reaches. */

import type { Model, PopulationCount } from '../engine/types.js';
import { useAudience } from '../people/people.js';
import { go, href, useAddress } from '../shell/address.js';
import { Counting } from '../ui/counting.js';
import { Field } from '../ui/field.js';
import { count } from '../ui/numbers.js';
import { Legend, partsOf, Share, Split } from '../ui/share.js';
import { Tag } from '../ui/tag.js';
import type { Asked } from './asked.js';
import { LISTED, useReached } from './reached.js';

export interface ListProps {
  readonly model: Model;
  readonly counts: Asked<PopulationCount>;
  readonly flag: string | undefined;
  readonly segment: string | undefined;
}

/** Each word that was typed is somewhere in the name or in what is said of it. */
function matches(typed: string, ...texts: readonly (string | undefined)[]): boolean {
  const text = texts.join(' ').toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function List({ model, counts, flag, segment }: ListProps) {
  const { filters } = useAddress();
  const typed = filters.q ?? '';
  const flags = model.flags.filter((one) => matches(typed, one.key, one.description, one.experiment));
  const segments = model.segments.filter((one) => matches(typed, one.key, one.title, one.description));
  const search = (q: string): void => go({ filters: q ? { ...filters, q } : {} }, 'replace');
  return (
    <nav className="stack tight whom" aria-label="Flags and segments">
      <Field
        label="Search flags and segments"
        hideLabel
        type="search"
        placeholder="Search flags and segments"
        value={typed}
        onChange={search}
      />
      <section className="stack tight">
        <h2>
          Flags{' '}
          {flags.length > LISTED && (
            <small className="soft">
              the first {LISTED} of {count(flags.length)}
            </small>
          )}
        </h2>
        {flags.length === 0 && <p className="soft">{typed ? `No flag has “${typed}”.` : 'These rules have no flags.'}</p>}
        <NoUnit model={model} />
        <Flags flags={flags.slice(0, LISTED)} selected={flag} />
      </section>
      <section className="stack tight">
        <h2>
          Segments{' '}
          {segments.length > LISTED && (
            <small className="soft">
              the first {LISTED} of {count(segments.length)}
            </small>
          )}
        </h2>
        {segments.length === 0 && (
          <p className="soft">{typed ? `No segment has “${typed}”.` : 'These rules have no segments yet: make one above.'}</p>
        )}
        <Counting isPending={counts.value !== undefined && counts.pending}>
          <ul className="rows">
            {segments.slice(0, LISTED).map((one) => {
              const counted = counts.value?.segments.find(({ name }) => name === one.key);
              return (
                <li
                  key={one.key}
                  data-segment={one.key}
                  data-matches={counted?.matches}
                  data-others={counted?.misses}
                  data-unknown={counted?.unknown}
                >
                  <a
                    href={href({ segment: one.key, flag: undefined, tab: undefined })}
                    aria-current={one.key === segment ? 'true' : undefined}
                  >
                    <span className="name link">{one.key}</span>
                    {one.title && <span className="soft">{one.title}</span>}
                    {counted && (
                      <>
                        <Share compact label={one.key} matches={counted.matches} others={counted.misses} unknown={counted.unknown} />
                        <Legend parts={partsOf({ ...counted, others: counted.misses }).filter(({ value }, at) => at === 0 || value > 0)} />
                      </>
                    )}
                  </a>
                </li>
              );
            })}
          </ul>
        </Counting>
      </section>
    </nav>
  );
}

/** Whoever has no id takes part in nothing that is randomised: that is said, rather than counted as if it were so. */
function NoUnit({ model }: { readonly model: Model }) {
  const { report } = useAudience();
  const missing = Object.values(model.units).filter((attribute) => report?.missing.includes(attribute));
  if (missing.length === 0) return null;
  return (
    <p className="unsure" data-no-unit="">
      The file has no column for {[...new Set(missing)].join(', ')}: nobody is counted in experiments and ramps by it.
    </p>
  );
}

function Flags({ flags, selected }: { readonly flags: Model['flags']; readonly selected: string | undefined }) {
  const { reached, pending } = useReached(flags.map(({ key }) => key));
  return (
    <Counting isPending={pending}>
      <ul className="rows">
        {flags.map(({ key, variants, description, enabled, experiment }) => {
          const people = reached[key];
          const parts = ['', ...variants].map((name, index) => ({
            name: name === '' ? 'code fallback' : name,
            value: people?.[name] ?? 0,
            colour: `var(--v${index === 0 ? 0 : ((index - 1) % 6) + 1})`,
          }));
          // The bar is in the order of the words below it.
          const seen = parts.filter(({ value }) => value > 0).sort((one, other) => other.value - one.value);
          return (
            <li key={key} data-flag={key}>
              <a href={href({ flag: key, segment: undefined, tab: undefined })} aria-current={key === selected ? 'true' : undefined}>
                <span className="name">
                  <span className="link">{key}</span> {!enabled && <Tag tone="unsure">off</Tag>}{' '}
                  {experiment && <Tag tone="accent">experiment</Tag>}
                </span>
                {description && <span className="soft">{description}</span>}
                {people && (
                  <>
                    <Split compact label={key} parts={seen} />
                    <Legend parts={seen} first={3} />
                  </>
                )}
              </a>
            </li>
          );
        })}
      </ul>
    </Counting>
  );
}
