/** What a study means: its headline, whether guardrails let it pass, and what to do next. */

import type { Comparison, Metric, Range, Study } from './report.js';
import { armName, change, cleared, difference, marginOf, unitOf } from './words.js';

export type Tone = 'good' | 'bad' | 'unsure' | 'plain';
/** What came of a study, for counting. */
export type Kind = 'harmed' | 'unreadable' | 'worse' | 'waits' | 'better' | 'safe' | 'unknown' | 'empty';

/** What is said of one variant beside the control. */
export interface Conclusion {
  readonly variant: string;
  readonly tone: Tone;
  readonly headline: string;
  /** What to do. */
  readonly next: string;
  readonly primary: readonly Compared[];
  readonly guardrails: readonly Compared[];
}

export interface Compared {
  readonly metric: Metric;
  readonly comparison: Comparison;
}

/** Why nothing may be read, whatever the figures are. */
export function unreadable(study: Study): { headline: string; next: string } | undefined {
  const met = study.arms.some(({ units }) => units > 0);
  if (study.sampleRatio?.alarm) {
    return {
      headline: 'Do not read these results: sample ratio mismatch (SRM).',
      next: `Find out first where ${study.unit}s are lost. ${cause(study)}`.trim(),
    };
  }
  if (study.isCrossed) {
    return {
      headline: `Do not read these results: too many ${study.unit}s saw more than one variant.`,
      next: `Find out first why the ids of ${study.unit}s change.`,
    };
  }
  if (!met) {
    const next = study.stopped
      ? 'A kill ended it before anybody met it.'
      : 'Check that pages read the flag and send exposures to the collector.';
    return { headline: 'No exposures yet.', next };
  }
  if (study.arms.length < 2) return { headline: 'There is only one variant, so there is nothing to compare.', next: '' };
  if (study.metrics.length === 0)
    return { headline: 'It has no metrics, so there is nothing to compare.', next: 'Declare metrics in the ruleset.' };
  return undefined;
}

/** Days, versions and browsers that are out of proportion by themselves, with what is missing where. */
export function cause(study: Study): string {
  const { sampleRatio, arms } = study;
  if (!sampleRatio?.alarm) return '';
  const lists = [
    ['browser ', sampleRatio.byBrowser],
    ['snapshot version ', sampleRatio.byVersion],
    ['', sampleRatio.byDay],
  ] as const;
  // Of a list of one, that is everybody.
  const found = lists.flatMap(([what, cells]) =>
    cells.filter(({ alarm }) => alarm && cells.length > 1).map((cell) => ({ name: `${what}${cell.of}`, cell })),
  );
  if (found.length === 0) return 'No day, snapshot version or browser is out of proportion by itself, so it is lost everywhere.';
  const total = arms.reduce((sum, { planned }) => sum + planned, 0) || 1;
  const said = found.slice(0, 3).map(({ name, cell }) => {
    const all = cell.units.reduce((sum, units) => sum + units, 0) || 1;
    // The arm that lacks most there.
    const lacks = arms.map(({ variant, planned }, at) => ({ variant, share: (cell.units[at] ?? 0) / all, planned: planned / total }));
    const least = lacks.reduce((one, other) => (other.share - other.planned < one.share - one.planned ? other : one));
    const of = (share: number): string => `${(share * 100).toFixed(0)} %`;
    return `${name} (${armName(study, least.variant)} has ${of(least.share)} there, planned ${of(least.planned)})`;
  });
  const more = found.length > 3 ? `, and ${found.length - 3} more` : '';
  return `Out of proportion: ${said.join('; ')}${more}.`;
}

/** The control's value, by which differences become percent. `undefined` where that says nothing. */
export function base({ arms }: Metric, { lift }: Comparison): number | undefined {
  const mean = arms[0]?.mean;
  return lift && mean !== null && mean !== undefined && mean !== 0 ? Math.abs(mean) : undefined;
}

/** The difference, with its interval, as a share of the control's value: what is decided by, on an axis that all metrics share. */
export function relative(metric: Metric, comparison: Comparison): Range | undefined {
  const by = base(metric, comparison);
  const { difference: found } = comparison;
  if (!found || by === undefined) return undefined;
  const share = (end: number | null): number | null => (end === null ? null : end / by);
  return { value: found.value / by, low: share(found.low), high: share(found.high) };
}

/** The change in a word: in percent, else in the metric's unit. */
export function inShort(metric: Metric, comparison: Comparison): string {
  const found = relative(metric, comparison);
  if (found) return change(found.value);
  return comparison.difference ? `${difference(metric, comparison.difference.value)}${unitOf(metric)}` : '';
}

export function conclusions(study: Study): Conclusion[] {
  return study.arms.slice(1).map(({ variant }) => {
    const of = (is: (metric: Metric) => boolean): Compared[] =>
      study.metrics.filter(is).flatMap((metric) => {
        const comparison = metric.comparisons.find((own) => own.variant === variant);
        return comparison ? [{ metric, comparison }] : [];
      });
    const primary = of(({ role }) => role === 'primary');
    const guardrails = of((metric) => marginOf(metric) !== undefined);
    return { variant, primary, guardrails, ...said(study, variant, primary, guardrails) };
  });
}

const names = (all: readonly Compared[]): string => {
  const list = all.map(({ metric }) => metric.metric);
  return list.length < 2 ? (list[0] ?? '') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`;
};

function said(
  study: Study,
  variant: string,
  primary: readonly Compared[],
  guardrails: readonly Compared[],
): Pick<Conclusion, 'tone' | 'headline' | 'next'> {
  const name = armName(study, variant);
  const is = (all: readonly Compared[], verdict: string): Compared[] => all.filter(({ comparison }) => comparison.verdict === verdict);
  const [better, worse, harmed] = [is(primary, 'better'), is(primary, 'worse'), is(guardrails, 'harmed')];
  const open = guardrails.filter(({ comparison }) => cleared(comparison.verdict) !== 'cleared' && comparison.verdict !== 'harmed');
  const plain = verdict(name, primary, better, worse);
  if (harmed.length > 0) {
    const fails = `${better.length > 0 ? 'but it' : name} harms ${names(harmed)}`;
    const headline = better.length > 0 ? `${plain}, ${fails}.` : worse.length > 0 ? `${plain}, and harms ${names(harmed)}.` : `${fails}.`;
    return { tone: 'bad', headline, next: `Guardrail failed: do not roll it out. Find out first why ${names(harmed)} got worse.` };
  }
  if (worse.length > 0) return { tone: 'bad', headline: `${plain}.`, next: 'Do not roll it out.' };
  if (better.length > 0) {
    if (open.length > 0) {
      const which = open.length > 1 ? 'guardrails' : 'guardrail';
      return {
        tone: 'unsure',
        headline: `${plain}, with a guardrail not cleared.`,
        next: `Wait: ${which} ${names(open)} not cleared yet.`,
      };
    }
    return {
      tone: 'good',
      headline: `${plain}.`,
      next:
        guardrails.length > 0
          ? 'All guardrails are cleared: it can be rolled out.'
          : 'It has no guardrails: look at what else it may change.',
    };
  }
  return undecided(study, name, primary, guardrails, open);
}

/** `bold is better: purchase +15.3 %`. */
function verdict(name: string, primary: readonly Compared[], better: readonly Compared[], worse: readonly Compared[]): string {
  const list = (all: readonly Compared[]): string =>
    all.map(({ metric, comparison }) => `${metric.metric} ${inShort(metric, comparison)}`).join(', ');
  if (better.length > 0 && worse.length > 0) return `${name} is better (${list(better)}) and worse (${list(worse)})`;
  if (better.length > 0) return `${name} is better: ${list(better)}`;
  if (worse.length > 0) return `${name} is worse: ${list(worse)}`;
  return primary.length > 0 ? `${name}: no conclusion yet` : name;
}

function undecided(
  study: Study,
  name: string,
  primary: readonly Compared[],
  guardrails: readonly Compared[],
  open: readonly Compared[],
): Pick<Conclusion, 'tone' | 'headline' | 'next'> {
  if (primary.length === 0 && guardrails.length > 0) {
    return open.length > 0
      ? { tone: 'unsure', headline: `${name}: guardrail not cleared yet.`, next: `Wait for ${names(open)}.` }
      : { tone: 'good', headline: `${name}: all guardrails are cleared.`, next: 'The next step may follow.' };
  }
  const refusals = new Set(primary.map(({ comparison }) => comparison.refusal));
  const headline = `${name}: no conclusion yet.`;
  if (refusals.has('early'))
    return { tone: 'unsure', headline, next: 'There is a difference, but the planned time is not over. Wait for it.' };
  if (refusals.has('stopped'))
    return { tone: 'plain', headline: `${name}: stopped by a kill, no winner.`, next: 'A new phase is needed to find out.' };
  const next = study.ended
    ? 'It ended without a conclusion. That is not “no effect”: the interval says what is still possible.'
    : 'Keep it running. Not significant is not “no effect”: the interval says what is still possible.';
  return { tone: 'plain', headline, next };
}

/** The headline of a study in a list, its tone, and its kind: of several variants, the gravest. */
export function inBrief(study: Study): { readonly tone: Tone; readonly headline: string; readonly kind: Kind } {
  const refused = unreadable(study);
  if (refused) {
    if (study.sampleRatio?.alarm) return { tone: 'bad', headline: 'Sample ratio mismatch (SRM)', kind: 'unreadable' };
    if (study.isCrossed) return { tone: 'bad', headline: `Ids of ${study.unit}s change`, kind: 'unreadable' };
    return { tone: 'plain', headline: refused.headline, kind: 'empty' };
  }
  const order: readonly Tone[] = ['bad', 'unsure', 'good', 'plain'];
  const [first] = conclusions(study).sort((one, other) => order.indexOf(one.tone) - order.indexOf(other.tone));
  return first ? { ...first, kind: kindOf(first) } : { tone: 'plain', headline: study.answer, kind: 'unknown' };
}

function kindOf({ primary, guardrails }: Conclusion): Kind {
  const has = (all: readonly Compared[], verdict: string): boolean => all.some(({ comparison }) => comparison.verdict === verdict);
  if (has(guardrails, 'harmed')) return 'harmed';
  if (has(primary, 'worse')) return 'worse';
  const isCleared = guardrails.every(({ comparison }) => comparison.verdict === 'safe');
  if (has(primary, 'better')) return isCleared ? 'better' : 'waits';
  return primary.length === 0 && guardrails.length > 0 && isCleared ? 'safe' : 'unknown';
}
