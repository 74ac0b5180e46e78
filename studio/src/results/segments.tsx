/** The primary metrics by what people were when they entered: it explains, and decides nothing. */

import { relative } from './conclusion.js';
import { Interval, limitsOf, PlotHead } from './forest.js';
import type { Breakdown, Comparison, Metric, Part, Study } from './report.js';
import { count, counted } from '../ui/numbers.js';
import * as words from './words.js';

export function Breakdowns({ study }: { readonly study: Study }) {
  const { breakdowns = [], looks = 0 } = study;
  if (breakdowns.length === 0) return null;
  const alpha = study.plan.alpha;
  return (
    <section aria-labelledby="results-segments">
      <h3 id="results-segments">By segment, exploratory</h3>
      {looks > 0 && (
        <p className="results-note" data-tone="unsure">
          {counted(looks, 'comparison')} here: about {count(Math.max(1, Math.round(looks * alpha)))} may look better or worse by chance.
          They explain, and decide nothing. Who is in which segment was noted at first exposure, so the variant cannot change it.
        </p>
      )}
      {breakdowns.map((breakdown) => (
        <ByValue key={`${breakdown.segment} ${breakdown.by}`} study={study} breakdown={breakdown} />
      ))}
    </section>
  );
}

interface Line {
  readonly part: Part;
  readonly metric: Metric;
  readonly comparison: Comparison;
}

/** The figures of a part, in the form that the metric has. */
function linesOf(study: Study, { values }: Breakdown): Line[] {
  return values.flatMap((part) =>
    part.metrics.flatMap(({ metric: name, arms, comparisons }) => {
      const whole = study.metrics.find(({ metric, role }) => metric === name && role === 'primary');
      return whole ? comparisons.map((comparison) => ({ part, comparison, metric: { ...whole, arms } })) : [];
    }),
  );
}

const nameOf = ({ is, value }: Part, { more }: Breakdown): string =>
  is === 'value' ? value : is === 'other' ? `other (${counted(more, 'value')})` : 'not known';

function ByValue({ study, breakdown }: { readonly study: Study; readonly breakdown: Breakdown }) {
  const lines = linesOf(study, breakdown);
  const limit = limitsOf(lines);
  return (
    <table className="results-forest results-segments">
      <caption>
        {breakdown.segment ? 'In segment' : 'By'} {breakdown.by}
      </caption>
      <thead>
        <tr>
          <th scope="col">{breakdown.by}</th>
          <th scope="col">{study.unit}s</th>
          <th scope="col">Change</th>
          <PlotHead limit={limit} />
          <th scope="col">Reads as</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ part, metric, comparison }) => {
          const found = relative(metric, comparison);
          const name = nameOf(part, breakdown);
          return (
            <tr key={`${part.is} ${part.value} ${metric.metric} ${comparison.variant}`} data-verdict={comparison.verdict}>
              <th scope="row">
                {name}
                <span className="results-meaning">
                  {metric.metric}, {words.armName(study, comparison.variant)}
                </span>
              </th>
              <td data-label={`${study.unit}s`}>{count(part.units.reduce((sum, units) => sum + units, 0))}</td>
              <td data-label="Change">{found ? words.change(found.value) : '–'}</td>
              <td className="results-plot">
                <Interval metric={metric} comparison={comparison} limit={limit} />
              </td>
              <td>
                {words.verdictOf(comparison)}
                {comparison.refusal && <span className="results-meaning">{words.refusalOf(study, comparison.refusal)}</span>}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
