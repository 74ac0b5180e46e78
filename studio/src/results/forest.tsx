/** All metrics of a variant beside the control, one below the other, on one axis: the difference as a share of the control's value. */

import type { Comparison, Metric, Study } from './report.js';
import { relative } from './conclusion.js';
import * as words from './words.js';

export interface Row {
  readonly metric: Metric;
  readonly comparison: Comparison;
}

/** Within these ends nearly all intervals lie; a few wide ones may not squeeze the others: they get an arrow. */
export function limitsOf(rows: readonly Row[]): number {
  const reaches = rows.flatMap(({ metric, comparison }) => {
    const found = relative(metric, comparison);
    if (!found) return [];
    const ends = [found.low, found.high].filter((end) => end !== null);
    return [Math.max(...ends.map(Math.abs), Math.abs(found.value), words.marginOf(metric) ?? 0)];
  });
  const sorted = reaches.sort((one, other) => one - other);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) return 0.1;
  const reach = Math.min(sorted.at(-1) ?? middle, middle * 3);
  const step = 10 ** Math.floor(Math.log10(reach || 0.1));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((times) => times * step >= reach) ?? 10) * step;
}

const at = (value: number, limit: number): number => Math.min(100, Math.max(0, 50 + (50 * value) / limit));

/** An interval on the axis. A guardrail's margin is dashed. */
export function Interval({ metric, comparison, limit }: Row & { readonly limit: number }) {
  const found = relative(metric, comparison);
  if (!found) return null;
  const { value, low, high } = found;
  const [from, to] = [low === null ? -Infinity : low, high === null ? Infinity : high];
  const margin = words.marginOf(metric);
  const allowed = margin === undefined ? undefined : metric.moreIsBetter ? -margin : margin;
  const end = (share: number | null): string => (share === null ? 'unbounded' : words.change(share));
  const style = { '--low': `${at(from, limit)}%`, '--high': `${at(to, limit)}%`, '--value': `${at(value, limit)}%` } as React.CSSProperties;
  return (
    <span
      className="results-interval"
      data-verdict={comparison.verdict}
      role="img"
      aria-label={`${words.change(value)}, ${end(low)} to ${end(high)}`}
      style={style}
    >
      {allowed !== undefined && <span className="results-margin" style={{ left: `${at(allowed, limit)}%` }} />}
      <span className="results-bar" />
      {Math.abs(value) <= limit && <span className="results-dot" />}
      {from < -limit && <span className="results-beyond" data-end="low" />}
      {to > limit && <span className="results-beyond" data-end="high" />}
    </span>
  );
}

/** Above intervals: their axis, with its ends and its middle in words. */
export function PlotHead({ limit }: { readonly limit: number }) {
  const decimals = limit < 0.01 ? 2 : limit < 0.1 ? 1 : 0;
  return (
    <th scope="col" className="results-plot">
      <span className="results-hidden">Interval</span>
      <span className="results-axis" aria-hidden="true">
        <span>−{words.inPercent(limit, decimals)}</span>
        <span>no change</span>
        <span>+{words.inPercent(limit, decimals)}</span>
      </span>
    </th>
  );
}

const GROUPS = [
  { name: 'Primary', is: ({ role }: Metric) => role === 'primary', note: 'decides' },
  {
    name: 'Guardrails',
    is: (metric: Metric) => words.marginOf(metric) !== undefined,
    note: 'must not get worse by more than the dashed margin',
  },
  { name: 'Secondary', is: ({ role }: Metric) => role === 'secondary', note: 'exploratory: explains, and decides nothing' },
] as const;

export function Forest({ study, variant }: { readonly study: Study; readonly variant: string }) {
  const rows = study.metrics.flatMap((metric) => {
    const comparison = metric.comparisons.find((own) => own.variant === variant);
    return comparison ? [{ metric, comparison }] : [];
  });
  const limit = limitsOf(rows);
  const [control] = study.arms;
  return (
    <table className="results-forest">
      <caption>
        {words.armName(study, variant)} against {words.armName(study, control?.variant ?? 'the control')}: change relative to the control,
        with its interval
      </caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col">{words.armName(study, control?.variant ?? 'control')}</th>
          <th scope="col">{words.armName(study, variant)}</th>
          <th scope="col">Change</th>
          <PlotHead limit={limit} />
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      {GROUPS.map(({ name, is, note }) => {
        const own = rows.filter(({ metric }) => is(metric));
        return (
          own.length > 0 && (
            <tbody key={name}>
              <tr className="results-group">
                <th scope="rowgroup" colSpan={6}>
                  {name} <span>{note}</span>
                </th>
              </tr>
              {own.map((row) => (
                <MetricRow key={row.metric.metric} {...row} study={study} limit={limit} />
              ))}
            </tbody>
          )
        );
      })}
    </table>
  );
}

function MetricRow({ study, metric, comparison, limit }: Row & { readonly study: Study; readonly limit: number }) {
  const of = (variant: string | undefined): string =>
    words.figure(metric, metric.arms.find((arm) => arm.variant === variant)?.mean ?? null);
  const found = relative(metric, comparison);
  const margin = words.marginOf(metric);
  const word = margin === undefined ? words.verdictOf(comparison) : words.cleared(comparison.verdict);
  return (
    <tr data-metric={metric.metric} data-verdict={comparison.verdict}>
      <th scope="row">
        {metric.metric}
        <span className="results-meaning">{meaning(metric)}</span>
        {margin !== undefined && <span className="results-meaning">{words.roleOf(metric)}</span>}
      </th>
      <td data-label={words.armName(study, study.arms[0]?.variant ?? 'control')}>{of(study.arms[0]?.variant)}</td>
      <td data-label={words.armName(study, comparison.variant)}>{of(comparison.variant)}</td>
      <td data-label="Change">
        {found ? words.change(found.value) : '–'}
        {comparison.difference && (
          <span className="results-meaning">
            {words.range(metric, comparison.difference)}, {words.confidence(comparison.alpha)} CI
          </span>
        )}
      </td>
      <td className="results-plot">
        <Interval metric={metric} comparison={comparison} limit={limit} />
      </td>
      <td>
        <span className="results-verdict" data-verdict={comparison.verdict}>
          {word}
        </span>
        {comparison.refusal && <span className="results-meaning">{words.refusalOf(study, comparison.refusal)}</span>}
      </td>
    </tr>
  );
}

/** What a metric counts, where it was capped, and whether it was adjusted. */
function meaning(metric: Metric): string {
  const caps = [metric.cap, metric.adjusted ? null : metric.capOfY].filter((cap) => cap !== null).map(words.number);
  return `${metric.meaning.replaceAll('`', '')}${caps.length > 0 ? ` (${caps.join(' and ')})` : ''}${metric.adjusted ? '; adjusted for the past (CUPED)' : ''}`;
}
