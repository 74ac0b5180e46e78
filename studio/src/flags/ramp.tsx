/** A ramp: its steps, and the line that they draw. */

import { useTyped } from '../audiences/typed.js';
import { insert, remove, set } from '../rules/rules.js';
import type { Files } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Field } from '../ui/field.js';
import { Percent } from './percent.js';
import { change, day, entries, inputOf, list, moment, type Rule, type Step, share, stepsOf, text } from './written.js';

export function Ramp({ files, rule }: { readonly files: Files; readonly rule: Rule }) {
  const steps = stepsOf(rule.value);
  const paused = moment(rule.value.paused);
  return (
    <div className="stack tight">
      <RampLine steps={steps} paused={paused} />
      <ol className="stack tight">
        {list(rule.value.steps).map((value, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <StepFields key={at} files={files} rule={rule} at={at} step={entries(value)} told={steps[at]} />
        ))}
      </ol>
      <div className="row">
        <Button small onPress={() => change(files, (all) => insert(all, [...rule.path, 'steps'], steps.length, nextStep(steps)))}>
          Add a step
        </Button>
        {paused === undefined ? (
          <Button small onPress={() => change(files, (all) => set(all, [...rule.path, 'paused'], `${day(Date.now())}T00:00Z`))}>
            Pause from today
          </Button>
        ) : (
          <Button small onPress={() => change(files, (all) => remove(all, [...rule.path, 'paused']))}>
            Resume
          </Button>
        )}
      </div>
      {rule.value.guard !== undefined && (
        <p className="soft">
          Monitored: as many people as get it are kept back to compare, up to 50 %. Each step waits for its guardrails.
        </p>
      )}
    </div>
  );
}

/** Half of what is missing. */
function nextStep(steps: readonly Step[]): { to: string; after: string } | { to: string; at: string } {
  const last = steps.at(-1)?.to ?? 0;
  const to = `${last >= 0.5 ? 100 : Math.max(5, Math.round(last * 200))}%`;
  return steps.length > 0 ? { to, after: '48h' } : { to: '5%', at: `${day(Date.now() + 86_400_000)}T08:00Z` };
}

interface StepFieldsProps {
  readonly files: Files;
  readonly rule: Rule;
  readonly at: number;
  readonly step: ReturnType<typeof entries>;
  readonly told: Step | undefined;
}

function StepFields({ files, rule, at, step, told }: StepFieldsProps) {
  const path = [...rule.path, 'steps', at];
  const to = share(step.to);
  const after = useTyped(text(step.after), (value) => value && change(files, (all) => set(all, [...path, 'after'], value)));
  const before = at === 0 ? 0 : (stepsOf(rule.value)[at - 1]?.to ?? 0);
  return (
    <li className="row end flag-step">
      <Percent
        label={`Step ${at + 1}: share`}
        width="7rem"
        value={to}
        error={to !== undefined && to <= before ? 'More than the step before' : undefined}
        onChange={(percent) => change(files, (all) => set(all, [...path, 'to'], percent))}
      />
      <Field
        label="Begins at (UTC)"
        type="datetime-local"
        width="13rem"
        value={inputOf(step.at)}
        onChange={(value) =>
          change(files, (all) =>
            value ? set(all, [...path, 'at'], `${value}Z`) : step.at === undefined ? all : remove(all, [...path, 'at']),
          )
        }
      />
      {step.after !== undefined && (
        // biome-ignore lint/a11y/noStaticElementInteractions: what was typed counts when the field is left
        <span onBlur={after.settle}>
          <Field label="or after" width="8rem" value={after.text} hint="48h, 14d, approval" onChange={after.type} onSubmit={after.settle} />
        </span>
      )}
      {told?.waits && <span className="soft">{told.waits}</span>}
      <Button kind="quiet" small label={`Remove step ${at + 1}`} onPress={() => change(files, (all) => remove(all, path))}>
        ✕
      </Button>
    </li>
  );
}

const WIDTH = 640;
const HEIGHT = 170;
const LEFT = 58;
const TOP = 14;
const BOTTOM = 30;

/** The share over time: whole where dates are written, dashed where somebody or something has to agree first. */
export function RampLine({
  steps,
  paused,
  now = Date.now(),
}: {
  readonly steps: readonly Step[];
  readonly paused: number | undefined;
  readonly now?: number;
}) {
  const placed = placeOf(steps, now);
  if (placed.length === 0) return <p className="soft">No step has a date, so there is no line to draw.</p>;
  const [from, to] = [Math.min(now, placed[0]?.at ?? now), Math.max(now, placed.at(-1)?.at ?? now)];
  const margin = Math.max((to - from) * 0.12, 86_400_000);
  const x = (at: number): number => LEFT + ((at - from + margin / 2) / (to - from + margin * 1.5)) * (WIDTH - LEFT - 10);
  const y = (part: number): number => TOP + (1 - part) * (HEIGHT - TOP - BOTTOM);
  const words = placed
    .map(({ to: part, isDated, at }) => `${Math.round(part * 100)} % ${isDated ? `from ${day(at)}` : 'once it may'}`)
    .join(', ');
  return (
    <svg className="flag-ramp" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Share over time: ${words}`}>
      {[0, 0.5, 1].map((part) => (
        <g key={part}>
          <line x1={LEFT} x2={WIDTH} y1={y(part)} y2={y(part)} className="flag-grid" />
          <text x={LEFT - 6} y={y(part) + 4} textAnchor="end">
            {part * 100} %
          </text>
        </g>
      ))}
      {placed.map(({ at, to: part, isDated }, index) => {
        const before = placed[index - 1]?.to ?? 0;
        const end = placed[index + 1]?.at ?? to + margin;
        return (
          <g key={at}>
            <path d={`M${x(at)},${y(before)}V${y(part)}H${x(end)}`} className={isDated ? 'flag-line' : 'flag-line flag-waits'} />
            <text x={x(at) + 4} y={y(part) - 5}>
              {Math.round(part * 100)} %
            </text>
            <text x={x(at)} y={HEIGHT - 10} textAnchor="middle">
              {isDated ? day(at).slice(5) : 'waits'}
            </text>
          </g>
        );
      })}
      <line x1={x(now)} x2={x(now)} y1={TOP} y2={HEIGHT - BOTTOM} className="flag-now" />
      <text x={x(now) + 4} y={TOP + 8}>
        now
      </text>
      {paused !== undefined && paused >= from && paused <= to + margin && (
        <>
          <line x1={x(paused)} x2={x(paused)} y1={TOP} y2={HEIGHT - BOTTOM} className="flag-paused" />
          <text x={x(paused) + 4} y={TOP + 22}>
            paused
          </text>
        </>
      )}
    </svg>
  );
}

/** Steps without a date stand where they might begin at the earliest, one after the other. */
function placeOf(steps: readonly Step[], now: number): readonly { to: number; at: number; isDated: boolean }[] {
  const dated = steps.flatMap(({ at }) => (at === undefined ? [] : [at]));
  if (dated.length === 0) return [];
  const span = Math.max(3 * 86_400_000, (Math.max(...dated, now) - Math.min(...dated)) / 5);
  let last = Math.min(...dated);
  return steps.map(({ to, at, isDated }, index) => {
    // What waits did not begin yet: it is not drawn in the past.
    const placed = at === undefined || (!isDated && at < now) ? Math.max(last, now) + span * (index > 0 ? 1 : 0) : at;
    last = placed;
    return { to, at: placed, isDated };
  });
}
