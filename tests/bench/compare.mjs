// What a change made of each figure, in pairs of one round: BENCH_BASE of bench.mjs.
import { FIGURES } from './figures.mjs';
import { median } from './measure.mjs';
import { plain } from './report.mjs';

/** A figure that is worse by more than this is told, if base is not as far from itself. */
const TOLERANCE = 1.05;

/** Prints a row for each figure and place; its last line is `worse: N of M`. */
export function compare({ results, rounds }, paired) {
  const once = FIGURES.filter(({ where }) => where.includes('once')).map((figure) => {
    const { base, waft } = results[figure.id];
    return [figure, 'once', base, waft, waft / base, [1, 1]];
  });
  const timed = FIGURES.flatMap((figure) => [figure, ...(figure.parts ?? []).map((part) => ({ ...figure, ...part }))]).flatMap((figure) =>
    Object.values(paired)
      .filter(({ id }) => id === figure.id)
      .map(({ where, waft, base, again }) => {
        const worse = (values) => values.map((value, round) => (figure.more ? base[round] / value : value / base[round]));
        return [figure, where, median(base), median(waft), median(worse(waft)), quartiles(worse(again))];
      }),
  );
  const rows = [...once, ...timed].map(([{ title, form }, where, base, waft, ratio, [low, high]]) => [
    title,
    where,
    form(base),
    form(waft),
    ratio.toFixed(3),
    `${low.toFixed(3)} to ${high.toFixed(3)}`,
    ratio > Math.max(TOLERANCE, high) ? 'WORSE' : '',
  ]);
  console.log(plain([['figure', 'where', 'base', 'now', 'now against base', 'base beside itself', ''], ...rows]));
  console.log(`ratios: the median of ${rounds} rounds, and the quartiles of base beside base in them; above 1 is worse`);
  console.log(`worse: ${rows.filter((row) => row.at(-1)).length} of ${rows.length}`);
}

function quartiles(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  return [at(0.25), at(0.75)];
}
