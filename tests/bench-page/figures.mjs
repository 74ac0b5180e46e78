// What is asked of the pages, and how it is judged: ratios of medians in one run.
import { median } from '../bench/measure.mjs';

const LIKE = { inlined: 'rules in the page', fetched: 'rules by URL', whole: 'all in the HTML' };

/** `ours` over `theirs`, in the first or the second view, is at most `must`. */
const PLAIN = [
  { ours: 'waft-inlined', theirs: 'growthbook-inlined', view: 'first', must: 1.15, goal: 1.05, title: `${LIKE.inlined}, exposures on` },
  { ours: 'waft-fetched', theirs: 'growthbook-fetched', view: 'first', must: 1, goal: 0.9, title: `${LIKE.fetched}, as the README shows` },
  { ours: 'waft-whole', theirs: 'growthbook-whole', view: 'first', must: 1.3, goal: 1.2, title: LIKE.whole },
  // Beside the fastest of GrowthBook's pages.
  { ours: 'waft-server', theirs: 'growthbook-whole', view: 'first', must: 1, goal: 1, title: 'decided by the server' },
  { ours: 'waft-inlined', theirs: 'growthbook-inlined', view: 'second', must: 1.05, goal: 1, title: `second view, ${LIKE.inlined}` },
  // GrowthBook starts from what it has kept, as `start: 'last-good'` does.
  {
    ours: 'waft-kept',
    theirs: 'growthbook-fetched',
    view: 'second',
    must: 1.05,
    goal: 1,
    title: `second view, ${LIKE.fetched}, kept rules`,
  },
  { ours: 'waft-whole', theirs: 'growthbook-whole', view: 'second', must: 1.05, goal: 1, title: `second view, ${LIKE.whole}` },
];

/** The same bounds hold for pages that take a head, which their peers have not. */
const HEADED = ['waft-inlined', 'waft-fetched', 'waft-kept', 'waft-whole'];
export const MUSTS = [
  ...PLAIN,
  ...PLAIN.filter(({ ours }) => HEADED.includes(ours)).map((must) => ({
    ...must,
    ours: `${must.ours}-head`,
    title: `${must.title}, with a head`,
  })),
];

/** A must that is so near its bound, as a share of it, is measured once more. */
const NEAR = 0.02;

/**
 * A must as measured: the ratio of the medians, the quartiles of the rounds' own ratios, and a verdict; nothing where there is no such page.
 * `samples` has a list of milliseconds for each page and view, a round each.
 */
export function judge({ ours, theirs, view, must, goal }, samples) {
  const [mine, other] = [ours, theirs].map((id) => samples[id]?.[view]);
  if (!mine || !other) return undefined;
  const ratio = median(mine) / median(other);
  const each = mine.map((ms, round) => ms / other[round]).sort((one, other) => one - other);
  const quartile = (share) => each[Math.round(share * (each.length - 1))];
  return {
    mine: median(mine),
    other: median(other),
    ratio,
    spread: [quartile(0.25), quartile(0.75)],
    isNear: Math.abs(ratio / must - 1) <= NEAR,
    isMet: ratio <= must,
    verdict: ratio <= goal ? 'goal' : ratio <= must ? 'must' : 'MISSED',
  };
}
