/** A ramp: its steps, and the line that they draw. */

import { useTyped } from '../audiences/typed.js';
import type { ModelRamp, ModelStep } from '../engine/engine.js';
import { insert, remove, set } from '../rules/rules.js';
import type { Files } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Field } from '../ui/field.js';
import { count, exactly } from '../ui/numbers.js';
import { Percent } from './percent.js';
import { change, dateText, day, entries, inputOf, list, type Rule, share, text, tomorrow } from './written.js';

interface RampProps {
  readonly files: Files;
  readonly rule: Rule;
  /** As it is in the snapshot; of one that is not whole yet, nothing. */
  readonly ramp: ModelRamp | undefined;
}

export function Ramp({ files, rule, ramp }: RampProps) {
  const written = list(rule.value.steps);
  const steps = ramp?.steps ?? [];
  return (
    <div className="stack tight">
      {ramp ? <RampLine ramp={ramp} /> : <p className="soft">Its line is drawn once the rules have no errors.</p>}
      <ol className="stack tight">
        {written.map((value, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <StepFields key={at} files={files} rule={rule} at={at} step={entries(value)} told={steps[at]} monitored={ramp?.monitored} />
        ))}
      </ol>
      <div className="row">
        <Button
          small
          onPress={() => change(files, (all) => insert(all, [...rule.path, 'steps'], written.length, nextStep(steps.at(-1)?.share)))}
        >
          Add a step
        </Button>
        {rule.value.paused === undefined ? (
          <Button small onPress={() => change(files, (all) => set(all, [...rule.path, 'paused'], `${day(Date.now())}T00:00Z`))}>
            Pause from today
          </Button>
        ) : (
          <Button small onPress={() => change(files, (all) => remove(all, [...rule.path, 'paused']))}>
            Resume
          </Button>
        )}
      </div>
      {ramp?.monitored && (
        <p className="soft">
          Monitored: as many people as get it are kept back to compare, up to 50 %. Each step waits for its guardrails.
        </p>
      )}
    </div>
  );
}

/** Half of what is missing. */
function nextStep(last: number | undefined): { to: string; after: string } | { to: string; at: string } {
  if (last === undefined) return { to: '5%', at: tomorrow() };
  return { to: `${last >= 0.5 ? 100 : Math.max(5, Math.round(last * 200))}%`, after: '48h' };
}

const HOUR = 3_600_000;
const lasting = (milli: number): string =>
  milli % (24 * HOUR) === 0 ? `${milli / (24 * HOUR)} d` : milli % HOUR === 0 ? `${milli / HOUR} h` : `${Math.round(milli / 60_000)} min`;

/** What a step waits for, if it does not begin by itself. */
function waitsFor({ hold, units, approval, begins }: ModelStep, monitored: boolean | undefined): string {
  const after = hold === undefined ? '' : `${lasting(hold)} after the step before`;
  if (begins) return after;
  const all = [
    after,
    units === undefined ? '' : `once ${count(units)} units were seen`,
    approval ? 'once somebody approved it' : '',
    monitored ? 'once its guardrails are safe' : '',
  ];
  return all.filter(Boolean).join(', ');
}

interface StepFieldsProps {
  readonly files: Files;
  readonly rule: Rule;
  readonly at: number;
  readonly step: ReturnType<typeof entries>;
  readonly told: ModelStep | undefined;
  readonly monitored: boolean | undefined;
}

function StepFields({ files, rule, at, step, told, monitored }: StepFieldsProps) {
  const path = [...rule.path, 'steps', at];
  const after = useTyped(text(step.after), (value) => value && change(files, (all) => set(all, [...path, 'after'], value)));
  const waits = told && waitsFor(told, monitored);
  return (
    <li className="row end flag-step">
      <Percent
        label={`Step ${at + 1}: share`}
        width="7rem"
        value={share(step.to)}
        onChange={(percent) => change(files, (all) => set(all, [...path, 'to'], percent))}
      />
      <Field
        label={`Step ${at + 1} begins at (UTC)`}
        type="datetime-local"
        width="13rem"
        value={inputOf(step.at)}
        onChange={(value) =>
          change(files, (all) =>
            value ? set(all, [...path, 'at'], dateText(value)) : step.at === undefined ? all : remove(all, [...path, 'at']),
          )
        }
      />
      {step.after !== undefined && (
        // biome-ignore lint/a11y/noStaticElementInteractions: what was typed counts when the field is left
        <span onBlur={after.settle}>
          <Field
            label={`Step ${at + 1}: or after`}
            width="8rem"
            value={after.text}
            hint="48h, 14d, approval"
            onChange={after.type}
            onSubmit={after.settle}
          />
        </span>
      )}
      {waits && <span className="soft">{waits}</span>}
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
/** A date's width. */
const APART = 44;

/** The share over time: whole where dates are written, dashed where somebody or something has to agree first. */
function RampLine({ ramp: { steps, paused }, now = Date.now() }: { readonly ramp: ModelRamp; readonly now?: number }) {
  const placed = placeOf(steps, now);
  if (placed.length === 0) return <p className="soft">No step has a date, so there is no line to draw.</p>;
  const [from, to] = [Math.min(now, placed[0]?.at ?? now), Math.max(now, placed.at(-1)?.at ?? now)];
  const margin = Math.max((to - from) * 0.12, 86_400_000);
  const x = (at: number): number => LEFT + ((at - from + margin / 2) / (to - from + margin * 1.5)) * (WIDTH - LEFT - 10);
  const y = (part: number): number => TOP + (1 - part) * (HEIGHT - TOP - BOTTOM);
  // Where the last date before each stands: what is nearer than that is left out, as it would be written over it.
  const named: number[] = [];
  placed.reduce((last, { at }) => {
    named.push(last);
    return x(at) - last >= APART ? x(at) : last;
  }, Number.NEGATIVE_INFINITY);
  const words = placed.map(({ share: part, begins, at }) => `${exactly(part)} ${begins ? `from ${day(at)}` : 'once it may'}`).join(', ');
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
      {placed.map(({ at, share: part, begins }, index) => {
        const before = placed[index - 1]?.share ?? 0;
        const end = placed[index + 1]?.at ?? to + margin;
        return (
          <g key={at}>
            <path d={`M${x(at)},${y(before)}V${y(part)}H${x(end)}`} className={begins ? 'flag-line' : 'flag-line flag-waits'} />
            <text x={x(at) + 4} y={y(part) - 5}>
              {exactly(part)}
            </text>
            {x(at) - (named[index] ?? Number.NEGATIVE_INFINITY) >= APART && (
              <text x={x(at)} y={HEIGHT - 10} textAnchor="middle">
                {begins ? day(at).slice(5) : 'waits'}
              </text>
            )}
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

interface Placed {
  readonly share: number;
  readonly at: number;
  readonly begins: boolean;
}

/** Steps that wait stand where they might begin at the earliest, one after the other. */
function placeOf(steps: readonly ModelStep[], now: number): readonly Placed[] {
  const dated = steps.flatMap(({ at }) => (at === undefined ? [] : [at]));
  if (dated.length === 0) return [];
  const span = Math.max(3 * 86_400_000, (Math.max(...dated, now) - Math.min(...dated)) / 5);
  let last = Math.min(...dated);
  return steps.map(({ share, at, begins }, index) => {
    // What waits did not begin yet: it is not drawn in the past.
    const placed = at === undefined || (!begins && at < now) ? Math.max(last, now) + span * (index > 0 ? 1 : 0) : at;
    last = placed;
    return { share, at: placed, begins };
  });
}
