/** Whom an experiment or a ramp takes, against what is planned: of those whom its rule admits, by its layer, its coverage and its split. */

import { engine, type ModelFlag, type ModelRule, type TrialCount } from '../engine/engine.js';
import { Counting } from '../ui/counting.js';
import { count, people, percent } from '../ui/figure.js';
import { colourOf, Split } from '../ui/share.js';
import { useFigures } from './figures.js';

/** Fewer say nothing of a share. */
const FEW = 100;

interface ReachedProps {
  readonly flag: ModelFlag;
  readonly rule: ModelRule;
  readonly at: number;
}

export function Reached({ flag, rule, at }: ReachedProps) {
  const { value, error, pending } = useFigures(`${flag.key} ${rule.id}`, at, () => engine.trial(flag.key, rule.id, undefined, at));
  if (error) return <p role="alert">{error.message}</p>;
  if (!value) return null;
  return (
    <Counting isPending={pending}>
      <Funnel of={value} flag={flag} rule={rule} />
    </Counting>
  );
}

/** Why people are not in it, in the order in which that is decided. */
const WHY: readonly (readonly [keyof TrialCount, string])[] = [
  ['off', 'the flag is off for them'],
  ['held', 'held out'],
  ['before', 'an earlier rule or a target decides'],
  ['others', 'the rule is not for them'],
  ['unknown', 'not known whether the rule is for them'],
  ['idle', 'it takes nobody at that moment'],
  ['noUnit', 'without an id to be divided by'],
];

interface FunnelProps {
  readonly of: TrialCount;
  readonly flag: ModelFlag;
  readonly rule: ModelRule;
}

function Funnel({ of, flag, rule: { does, id, serves } }: FunnelProps) {
  const { outside, later, planned } = of;
  const name = does === 'experiment' ? `Experiment ${serves}` : `Ramp ${id}`;
  const place = (variant: string): number => flag.variants.indexOf(variant);
  const arms = [...of.arms].sort((one, other) => place(one.variant) - place(other.variant));
  const taken = arms.reduce((sum, arm) => sum + arm.people, 0);
  const admitted = taken + outside + later;
  const left = WHY.flatMap(([key, words]) => {
    const some = Number(of[key] ?? 0);
    return some > 0 ? [`${count(some)} ${words}`] : [];
  });
  return (
    <section
      className="stack tight flag-reached"
      aria-label={`${name}, planned against actual`}
      data-admitted={admitted}
      data-taken={taken}
    >
      <h3>
        {name}
        {of.phase !== undefined && does === 'experiment' && `, phase ${of.phase}`}
      </h3>
      <p>
        Its rule admits <strong>{people(admitted)}</strong>
        {admitted > 0 && (
          <>
            ; it takes <strong>{count(taken)}</strong> of them: {percent(taken, admitted)}, planned {percent(planned, 1)}
          </>
        )}
        .
      </p>
      {taken > 0 && arms.length > 1 && (
        <Split
          label={`${name}: ${people(taken)}`}
          parts={arms.map(({ variant, people: value }) => ({
            name: variant || 'kept back to compare',
            value,
            colour: variant ? colourOf(place(variant)) : 'var(--v0)',
          }))}
          planned={arms.map((arm) => arm.planned)}
        />
      )}
      {admitted > 0 && admitted < FEW && <p className="soft">Fewer than {FEW} people: too few to say how it is split.</p>}
      <p className="soft">
        {[
          ...left,
          ...(outside > 0 ? [`${count(outside)} in another part of its layer`] : []),
          ...(later > 0 ? [`${count(later)} beyond its share`] : []),
        ].join(' · ')}
      </p>
    </section>
  );
}
