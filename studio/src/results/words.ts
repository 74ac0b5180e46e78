/** Results in words, for people who decide and do not compute: the sentences of `waft report`, and what a page says beside them. */

import { count, counted } from '../ui/numbers.js';
import type { Comparison, Metric, Range, Refusal, Study, Verdict } from './report.js';

/** A fraction of one: `12.5 %`. */
export const inPercent = (fraction: number, decimals = 1): string => `${minus((fraction * 100).toFixed(decimals))} %`;

/** The hyphen of numbers as the sign that it is; a zero has none. */
const minus = (text: string): string => (/^-[0.]*$/.test(text) ? text.slice(1) : text.replace('-', '−'));
const signed = (text: string): string => (/^[−0]/.test(text) && !/[1-9]/.test(text) ? text : text.startsWith('−') ? text : `+${text}`);

/** Four significant digits. */
export function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000) return minus(count(Math.round(value)));
  const decimals = size === 0 ? 0 : Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(size))));
  return minus(value.toFixed(decimals));
}

/** A metric's value in one variant. */
export const figure = (metric: Metric, value: number | null): string =>
  value === null ? '–' : metric.isShare ? inPercent(value, 2) : number(value);

/** A difference in the metric's unit; conversion rates differ by percentage points. */
export const difference = (metric: Metric, value: number | null, end: 'down' | 'up' = 'up'): string =>
  value === null ? `any number ${end}` : signed(metric.isShare ? minus((value * 100).toFixed(2)) : number(value));

export const unitOf = (metric: Metric): string => (metric.isShare ? ' points' : '');

/** `+1.04 points (−0.21 to +2.29)`. */
export const range = (metric: Metric, { value, low, high }: Range): string =>
  `${difference(metric, value)}${unitOf(metric)} (${ends(metric, { low, high })})`;
export const ends = (metric: Metric, { low, high }: Pick<Range, 'low' | 'high'>): string =>
  `${difference(metric, low, 'down')} to ${difference(metric, high)}`;

/** A relative change in percent: `+15.3 %`. */
export const change = (value: number): string => signed(inPercent(value));

/** How sure an interval is: `95 %`. */
export const confidence = (alpha: number): string => `${Number((100 * (1 - alpha)).toFixed(2))} %`;

export const p = (value: number): string => (value < 1e-4 ? 'p < 0.0001' : `p = ${value.toFixed(4)}`);

/** Its name; and its phase, where another one is or was. */
export function title({ kind, name, phase }: Study, all: readonly Study[]): string {
  const phases = all.filter((other) => other.kind === kind && other.name === name).length;
  return kind === 'experiment' && (phase > 1 || phases > 1) ? `${name}, phase ${phase}` : name;
}
export const kindOf = ({ kind }: Study): string => ({ experiment: 'Experiment', holdout: 'Holdout', ramp: 'Monitored ramp' })[kind] ?? kind;

const short = (moment: string): string => moment.slice(0, 10);
export function period({ from, to, ended, days }: Study): string {
  const length = counted(days, 'day');
  if (!to) return `since ${short(from)}, ${length}`;
  return ended ? `${short(from)} to ${short(to)}, ${length}` : `since ${short(from)}, ${length}; until ${short(to)}`;
}

/** How many there are in all, and of each variant: "35,360 visitors: 17,675 control, 17,685 bold". */
export function seenBy(study: Study): string {
  const all = study.arms.reduce((sum, { units }) => sum + units, 0);
  const each = study.arms.map(({ variant, units }) => `${count(units)} ${armName(study, variant)}`);
  return `${counted(all, study.unit)}${all > 0 ? `: ${each.join(', ')}` : ''}`;
}

/** By what a study is found among flags: a flag's experiment by its name, a ramp by its flag. */
export const searched = ({ kind, name }: Study): string => (kind === 'ramp' ? (name.split('/')[0] ?? name) : name);

/** A variant as people say it. */
export const armName = ({ kind }: Study, variant: string): string =>
  kind !== 'holdout' ? variant : variant === 'held' ? 'held out' : variant === 'not-held' ? 'not held out' : variant;

export const marginOf = ({ role }: Metric): number | undefined => (typeof role === 'object' ? role.guardrail : undefined);
export function roleOf(metric: Metric): string {
  const margin = marginOf(metric);
  if (margin !== undefined) return `Guardrail: at most ${Number((margin * 100).toFixed(4))} % worse`;
  return metric.role === 'primary' ? 'Primary metric' : 'Secondary metric, exploratory';
}

/** A verdict in a word or three. */
export function verdictOf({ verdict, refusal }: Comparison): string {
  if (verdict === 'unknown') return refusal === 'early' ? 'too early' : refusal === 'stopped' ? 'no winner' : 'no conclusion yet';
  return verdict;
}

/** What a guardrail says, where nothing but `safe` lets it pass. */
export const cleared = (verdict: Verdict): string =>
  ({
    safe: 'cleared',
    harmed: 'harmed',
    better: 'cleared',
    worse: 'harmed',
    unknown: 'not cleared yet',
    withheld: 'not cleared: withheld',
  })[verdict];

/** Why nothing, or no more, is said. */
export function refusalOf({ unit }: Study, refusal: Refusal): string {
  const said: Record<Refusal, string> = {
    sampleRatio: `Sample ratio mismatch (SRM): ${unit}s are not split as planned. No figure is shown until the cause is found.`,
    crossovers: `More than 1 % of ${unit}s saw more than one variant. Find out why their ids change.`,
    fewUnits: `Fewer than 100 ${unit}s per variant have completed the window of this metric.`,
    fewConversions: `Too few ${unit}s have a value other than 0: each variant needs 25, of a rate if both were alike.`,
    early: 'There is a difference, but the planned time is not over: weekday habits and novelty effects fade.',
    stopped: 'There is a difference, but what a kill has stopped names no winner.',
    impossibleSums: 'No set of numbers has these sums. Were they rounded, or taken from different rows?',
    nothingVaries: `All ${unit}s of a variant have the same value.`,
  };
  return said[refusal] ?? `Withheld (${refusal}).`;
}

/** How likely the planned effect would have been seen by now, and what is missing. Empty where it is known, or no plan says what is looked for. */
export function outlook(study: Study, { verdict, power, unitsToGo, daysToGo }: Comparison): string {
  const { detect, power: wanted } = study.plan;
  if (verdict !== 'unknown' || power === null || detect === null) return '';
  const so = power < 0.01 ? 'under 1 %' : inPercent(power, 0);
  const seen = `Power so far: ${so} for a ${inPercent(detect, Number.isInteger(detect * 100) ? 0 : 1)} change.`;
  if (study.ended || unitsToGo === 0) return seen;
  if (unitsToGo === null) return `${seen} No number of ${study.unit}s is enough.`;
  const pace = daysToGo === null ? '' : `, ${counted(Math.min(daysToGo, 1e9), 'day')} at last week's pace`;
  return `${seen} ${inPercent(wanted, 0)} takes ${counted(unitsToGo, `more ${study.unit}`)}${pace}.`;
}

/** Who is not compared, and why. */
export function excluded({ unit, unshared, strangers, strangersMore, crossed }: Study): string[] {
  const said = unshared.map(([variant, units]) => `${variant} has a share of 0 %: ${counted(units, unit)} excluded.`);
  for (const [variant, units] of strangers) said.push(`${variant} is not in the ruleset: ${counted(units, unit)} excluded.`);
  if (strangersMore > 0) said.push(`${count(strangersMore)} more variants are not in the ruleset.`);
  if (crossed > 0) said.push(`${counted(crossed, unit)} saw more than one variant (excluded).`);
  return said;
}

export function arrived({ arrival }: Study): string[] {
  const { exposures, receipts, late, skewed, outdated, uncorrected, contradicted } = arrival;
  const of = (part: number): string => `${count(part)} (${inPercent(exposures ? part / exposures : 0)})`;
  const said = [`${count(exposures)} unique exposures (${count(receipts)} received, duplicates removed).`];
  if (late > 0) said.push(`${of(late)} sent over an hour late.`);
  if (skewed > 0) said.push(`${of(skewed)} from clocks over a minute off, corrected.`);
  if (uncorrected > 0) said.push(`${of(uncorrected)} with a clock that could not be corrected.`);
  if (outdated > 0) said.push(`${of(outdated)} with a snapshot outdated by more than 24 h.`);
  if (contradicted > 0) said.push(`${count(contradicted)} contradict the rules (excluded).`);
  return said;
}

export function killed(study: Study): string[] {
  const told = study.kills.map((kill) => `${kill.flag} was killed at ${kill.at} by ${kill.by}: differences are smaller while it is off.`);
  const { stopped, apart, opens } = study;
  const later = `${counted(apart.exposures, 'exposure')} and ${counted(apart.events, 'event')}`;
  if (stopped) {
    const why = stopped.why ? `: ${stopped.why}` : '';
    told.unshift(
      `${stopped.flag} was killed at ${stopped.at} by ${stopped.by}${why} (${stopped.record}). ${later} after it count nowhere.`,
    );
  } else if (opens) {
    told.unshift(`The flag was killed when this started, and came back at ${opens}. ${later} before that count nowhere.`);
  }
  return told;
}
