/** Why a flag evaluates as it does: the trace of its rules, as an indented list. */

import type { ReactNode } from 'react';
import type { ConditionStory, LayerStory, PointStory, RuleStory, TraceEntry, TrialStory } from 'waft/studio';
import { Mark } from '../ui/mark.js';

const KINDS = ['holdout', 'experiment', 'ramp'] as const;

export function Trace({ entries }: { readonly entries: readonly TraceEntry[] }) {
  if (entries.length === 0) return <p className="soft">The flag has no rules: everybody gets its default.</p>;
  return (
    <ol className="trace">
      {entries.map((entry, at) => {
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
        if ('killed' in entry) return <Step key={at} result words="the kill list names the flag" />;
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
        if ('preview' in entry) return <Step key={at} result words="a signed preview shows this variant" />;
        return <Rule key={entry.rule} tried={entry} />;
      })}
    </ol>
  );
}

interface StepProps {
  readonly result: boolean | null | undefined;
  readonly words: ReactNode;
  readonly note?: string | undefined;
  readonly children?: ReactNode;
}

function Step({ result, words, note, children }: StepProps) {
  return (
    <li>
      <span className="step">
        <Mark result={result} />
        <span>
          {words} {note && <em>{note}</em>}
        </span>
      </span>
      {children}
    </li>
  );
}

function Rule({ tried }: { readonly tried: RuleStory }) {
  const { rule, result, note, condition, except, stops, outside } = tried;
  return (
    <Step result={outside ? false : result} words={<strong>{rule}</strong>} note={note}>
      <ul>
        {condition && <Condition told={condition} />}
        {stops && <Step result={null} words="unknown, so the off variant is served" />}
        {except && (
          <li>
            <span className="step soft">except</span>
            <ul>
              <Condition told={except} />
            </ul>
          </li>
        )}
        {KINDS.map((kind) => tried[kind] && <Trial key={kind} kind={kind} trial={tried[kind]} />)}
      </ul>
    </Step>
  );
}

function Condition({ told }: { readonly told: ConditionStory }) {
  const { words, result, note, all, any, not, condition } = told;
  const parts = all ?? any ?? (not ? [not] : condition ? [condition] : []);
  const title = all ? 'all of' : any ? 'any of' : not ? 'not' : words;
  return (
    <Step result={result} words={title} note={note}>
      {parts.length > 0 && (
        <ul>
          {parts.map((part, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
            <Condition key={at} told={part} />
          ))}
        </ul>
      )}
    </Step>
  );
}

/** Where a bucket is, from 0 to 100. */
const place = (point: number): string => `${Math.round(point * 10) / 10}\u00a0%`;
const range = (from: number, below: number): string => `${place(from)} to ${place(below)}`;
const ranges = ({ ranges: all }: LayerStory): string => all.map(([from, below]) => range(from, below)).join(' or ');
const bucket = ({ point, below, inside }: PointStory): string =>
  `bucket ${place(point)}, ${inside ? 'below' : 'not below'} ${place(below)}`;

/** The buckets that a trial compared, in the order in which it did. */
function Trial({ kind, trial }: { readonly kind: (typeof KINDS)[number]; readonly trial: TrialStory }) {
  const { key, stopped, attribute, note, remembered, layer, holdout, ramp, half, released, coverage, split } = trial;
  const below = (point: PointStory | undefined, what: string): ReactNode =>
    point && <Step result={point.inside} words={`${what}: ${bucket(point)}`} />;
  return (
    <li>
      <span className="step soft">
        {kind} {key}
      </span>
      <ul>
        {stopped && <Step result={false} words={attribute ? `${stopped}: ${attribute}` : stopped} note={note} />}
        {remembered && <Step result words="keeps the variant it was given earlier" />}
        {layer && (
          <Step
            result={layer.inside}
            words={`layer ${layer.name}: bucket ${place(layer.point)}, ${layer.inside ? 'inside' : 'outside'} this ${kind}’s traffic (${ranges(layer)})`}
          />
        )}
        {below(holdout, 'held out')}
        {below(ramp, 'reached by the ramp')}
        {below(half, 'in the half that gets it')}
        {below(released, 'released from the other half')}
        {below(coverage, 'coverage')}
        {split && <Step result words={`split: bucket ${place(split.point)}, in ${range(split.from ?? 0, split.below)}`} />}
      </ul>
    </li>
  );
}
