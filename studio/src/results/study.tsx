/** One experiment, holdout or ramp: the conclusion first, then what it rests on. */

import { useMemo } from 'react';
import { href } from '../shell/address.js';
import { LinkButton } from '../ui/button.js';
import { Chart, type Line } from './chart.js';
import { cause, type Conclusion, conclusions, inShort, unreadable } from './conclusion.js';
import { Forest } from './forest.js';
import { Breakdowns } from './segments.js';
import type { Cell, Comparison, Metric, Report, Study } from './report.js';
import { Sample } from '../ui/figure.js';
import { count, counted } from '../ui/numbers.js';
import * as words from './words.js';

const SERIES = ['--v1', '--v2', '--v3', '--v4', '--v5', '--v6'];

export function StudyPage({ study, of }: { readonly study: Study; readonly of: Report }) {
  const refused = unreadable(study);
  const all = useMemo(() => conclusions(study), [study]);
  const isMet = study.arms.some(({ units }) => units > 0);
  return (
    <article className="results-study" aria-labelledby="results-title">
      <header>
        <h2 id="results-title">
          {words.title(study, of.studies)} {of.sample && <Sample />}
        </h2>
        <p className="results-soft">
          {words.kindOf(study)}, {words.period(study)}
        </p>
        <div className="row between">
          <span>{words.seenBy(study)}</span>
          {study.kind !== 'holdout' && (
            <LinkButton
              small
              href={href({ place: 'audiences', flag: undefined, segment: undefined, filters: { q: words.searched(study) } })}
            >
              Change the flag
            </LinkButton>
          )}
        </div>
      </header>
      {words.killed(study).map((told) => (
        <p key={told} className="results-note" data-tone="unsure">
          {told}
        </p>
      ))}
      {refused ? (
        <section
          className="results-conclusion"
          data-tone={study.sampleRatio?.alarm || study.isCrossed ? 'bad' : 'plain'}
          aria-label="Conclusion"
        >
          <p className="results-headline">{refused.headline}</p>
          {refused.next && <p>{refused.next}</p>}
        </section>
      ) : (
        all.map((conclusion) => <ConclusionCard key={conclusion.variant} study={study} conclusion={conclusion} />)
      )}
      {!refused && all.map(({ variant }) => <Forest key={variant} study={study} variant={variant} />)}
      {!refused && <Breakdowns study={study} />}
      {!refused && <Days study={study} />}
      {isMet && <Split study={study} />}
      {isMet && <Arrived study={study} />}
    </article>
  );
}

/** The headline, the change that decides with its interval, and each guardrail beside it. */
function ConclusionCard({ study, conclusion }: { readonly study: Study; readonly conclusion: Conclusion }) {
  const { variant, tone, headline, next, primary, guardrails } = conclusion;
  const looks = study.plan.written ? '' : ' There is no plan, so the interval is narrowest at 10,000 units.';
  return (
    <section
      className="results-conclusion"
      data-tone={tone}
      data-variant={variant}
      aria-label={`Conclusion for ${words.armName(study, variant)}`}
    >
      <p className="results-headline">{headline}</p>
      <p>{next}</p>
      <div className="results-facts">
        {primary.map(({ metric, comparison }) => (
          <dl key={metric.metric} className="results-fact" data-verdict={comparison.verdict}>
            <dt>{metric.metric}, primary metric</dt>
            <dd className="results-big">{inShort(metric, comparison) || '–'}</dd>
            {comparison.difference && (
              <dd>
                {words.range(metric, comparison.difference)}, {words.confidence(comparison.alpha)} confidence, valid at every look.{looks}
              </dd>
            )}
            {comparison.refusal && <dd>{words.refusalOf(study, comparison.refusal)}</dd>}
            <Fixed metric={metric} comparison={comparison} />
            <Power study={study} comparison={comparison} />
          </dl>
        ))}
        {guardrails.length > 0 && (
          <dl className="results-fact">
            <dt>Guardrails</dt>
            {guardrails.map(({ metric, comparison }) => (
              <dd key={metric.metric} className="results-guard" data-verdict={comparison.verdict} data-guardrail={metric.metric}>
                <strong>
                  {metric.metric}: {words.cleared(comparison.verdict)}
                </strong>
                <span>
                  {inShort(metric, comparison)} (limit: {words.inPercent(words.marginOf(metric) ?? 0, 0)} worse)
                </span>
              </dd>
            ))}
          </dl>
        )}
      </div>
    </section>
  );
}

/** The interval of one look, which there is once the planned sample is. */
function Fixed({ metric, comparison: { fixed, alpha } }: { readonly metric: Metric; readonly comparison: Comparison }) {
  if (!fixed) return null;
  return (
    <dd>
      Fixed-horizon {words.confidence(alpha)} CI at the planned size, for one look: {words.ends(metric, fixed)}
      {words.unitOf(metric)}, {words.p(fixed.p)}.
    </dd>
  );
}

function Power({ study, comparison }: { readonly study: Study; readonly comparison: Comparison }) {
  const said = words.outlook(study, comparison);
  if (!said) return null;
  return (
    <dd>
      <span className="results-power" aria-hidden="true">
        <span style={{ width: `${Math.round((comparison.power ?? 0) * 100)}%` }} />
        <span className="results-wanted" style={{ left: `${study.plan.power * 100}%` }} />
      </span>
      {said}
    </dd>
  );
}

/** The effect on each day since units entered. Metrics of a kind share one axis. */
function Days({ study }: { readonly study: Study }) {
  const found = useMemo(
    () =>
      study.metrics.flatMap((metric) =>
        metric.comparisons
          .filter(({ days }) => days.length > 1)
          .map((comparison) => ({ metric, comparison, ...byDay(metric, comparison) })),
      ),
    [study],
  );
  if (found.length === 0) return null;
  const limit = (isShare: boolean): number => {
    const own = found.filter(({ metric }) => metric.isShare === isShare);
    return (
      1.05 * Math.max(...own.flatMap(({ lines }) => lines.flatMap(({ ends = [] }) => ends.flat().map((end) => Math.abs(end ?? 0)))), 1e-9)
    );
  };
  return (
    <section aria-labelledby="results-days">
      <h3 id="results-days">Effect by days since a {study.unit} entered</h3>
      <p className="results-soft">A difference that fades is often novelty. Each day has its own interval, valid at every look.</p>
      {found.map(({ metric, comparison, positions, lines }) => (
        <div key={`${metric.metric} ${comparison.variant}`}>
          <Chart
            label={`${metric.metric}: ${words.armName(study, comparison.variant)} less control, by day`}
            positions={positions}
            lines={lines}
            limits={[-limit(metric.isShare), limit(metric.isShare)]}
            inWords={(value) => `${words.difference(metric, value)}${words.unitOf(metric)}`}
          />
          <details>
            <summary>Figures by day</summary>
            <table className="results-table">
              <thead>
                <tr>
                  <th scope="col">Day</th>
                  <th scope="col">{study.unit}s</th>
                  <th scope="col">Difference and interval</th>
                </tr>
              </thead>
              <tbody>
                {comparison.days.map((day) => (
                  <tr key={day.day}>
                    <th scope="row">{day.day}</th>
                    <td>{count(day.units)}</td>
                    <td>{words.range(metric, day.difference)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </div>
      ))}
    </section>
  );
}

function byDay({ metric }: Metric, { days, variant }: Comparison): { positions: string[]; lines: Line[] } {
  const line: Line = {
    name: `${metric} ${variant}`,
    colour: '--v2',
    values: days.map(({ difference }) => difference.value),
    ends: days.map(({ difference: { low, high } }) => [low, high]),
  };
  return { positions: days.map(({ day }) => `day ${day}`), lines: [line] };
}

/** Whether units are split as planned, and where not. */
function Split({ study }: { readonly study: Study }) {
  const { sampleRatio, arms, unit } = study;
  const total = arms.reduce((sum, { planned }) => sum + planned, 0) || 1;
  const units = arms.reduce((sum, arm) => sum + arm.units, 0);
  const isAlarm = sampleRatio?.alarm ?? false;
  // Below that, a split that is off looks like one that is not.
  const isKnown = isAlarm || units >= 100;
  return (
    <section aria-labelledby="results-split">
      <h3 id="results-split">
        Who is in it: {counted(units, unit)}
        {study.plan.written && ` of ${count(study.plan.units)} planned`}
      </h3>
      <p className="results-note" data-tone={isAlarm ? 'bad' : isKnown ? 'good' : undefined}>
        {isAlarm && 'Sample ratio mismatch (SRM). '}
        {!isAlarm && (isKnown ? 'Split as planned. ' : `Too few ${unit}s to say whether they are split as planned. `)}
        {cause(study)}
        {sampleRatio && (
          <span className="results-soft">
            {' '}
            Bayes factor {factor(sampleRatio.lnBayesFactor)}, {words.p(sampleRatio.p)}.
          </span>
        )}
      </p>
      <table className="results-table">
        <thead>
          <tr>
            <th scope="col">Variant</th>
            <th scope="col">{unit}s</th>
            <th scope="col">Share</th>
            <th scope="col">Planned</th>
          </tr>
        </thead>
        <tbody>
          {arms.map((arm, at) => (
            <tr key={arm.variant}>
              <th scope="row">
                <span className="results-swatch" style={{ background: `var(${SERIES[at % SERIES.length]})` }} aria-hidden="true" />
                {words.armName(study, arm.variant)}
              </th>
              <td>{count(arm.units)}</td>
              <td>{words.inPercent(arm.share)}</td>
              <td>{words.inPercent(arm.planned / total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {words.excluded(study).map((said) => (
        <p key={said} className="results-note" data-tone="unsure">
          {said}
        </p>
      ))}
      {sampleRatio && <Cells study={study} isAlarm={isAlarm} />}
    </section>
  );
}

function factor(ln: number): string {
  if (ln > 20) return `10^${Math.round(ln / Math.LN10)}`;
  return ln < -9 ? 'under 0.0001' : words.number(Math.exp(ln));
}

function Cells({ study, isAlarm }: { readonly study: Study; readonly isAlarm: boolean }) {
  const byDay = study.sampleRatio?.byDay ?? [];
  const lines = useMemo(
    () =>
      study.arms.map(({ variant }, at) => ({
        name: words.armName(study, variant),
        colour: SERIES[at % SERIES.length] ?? '--ink',
        values: (study.sampleRatio?.byDay ?? []).map(({ units }) => units[at] ?? 0),
      })),
    [study],
  );
  const positions = useMemo(() => (study.sampleRatio?.byDay ?? []).map(({ of }) => of.slice(5)), [study]);
  return (
    <details open={isAlarm}>
      <summary>By browser, snapshot version and day</summary>
      <CellTable study={study} of="Browser" cells={study.sampleRatio?.byBrowser ?? []} />
      <CellTable study={study} of="Snapshot version" cells={study.sampleRatio?.byVersion ?? []} />
      {byDay.length > 1 && <Chart label={`New ${study.unit}s by day`} positions={positions} lines={lines} inWords={count} whole />}
      <CellTable study={study} of="Day" cells={byDay} />
    </details>
  );
}

function CellTable({ study, of, cells }: { readonly study: Study; readonly of: string; readonly cells: readonly Cell[] }) {
  if (cells.length === 0) return null;
  return (
    <table className="results-table">
      <thead>
        <tr>
          <th scope="col">{of}</th>
          {study.arms.map(({ variant }) => (
            <th key={variant} scope="col">
              {words.armName(study, variant)}
            </th>
          ))}
          <th scope="col">Proportion</th>
        </tr>
      </thead>
      <tbody>
        {cells.map((cell) => (
          <tr key={cell.of} data-alarm={cell.alarm}>
            <th scope="row">{cell.of}</th>
            {study.arms.map(({ variant }, at) => (
              <td key={variant}>{count(cell.units[at] ?? 0)}</td>
            ))}
            <td>{cell.alarm ? 'out of proportion' : words.p(cell.p)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Arrived({ study }: { readonly study: Study }) {
  return (
    <section aria-labelledby="results-arrived">
      <h3 id="results-arrived">How exposures arrived</h3>
      <ul className="results-soft">
        {words.arrived(study).map((said) => (
          <li key={said}>{said}</li>
        ))}
      </ul>
    </section>
  );
}
