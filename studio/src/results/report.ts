/** The JSON of `waft report`, which `waft serve` returns at /api/report too, and how a file with it is read. docs/report.md says what the figures mean. */

export interface Report {
  /** It is the studio's own, of an invented shop. */
  readonly sample?: boolean;
  /** `project/environment`. */
  readonly set: string;
  /** Until when events count, RFC 3339. */
  readonly asOf: string;
  readonly studies: readonly Study[];
  readonly unknown: readonly (readonly [string, number])[];
  readonly unknownMore: number;
  readonly warnings: readonly string[];
}

export interface Study {
  readonly kind: 'experiment' | 'holdout' | 'ramp';
  readonly name: string;
  readonly phase: number;
  /** Who was randomised: `visitor`. */
  readonly unit: string;
  readonly from: string;
  readonly to: string | null;
  readonly ended: boolean;
  readonly stopped: Kill | null;
  readonly opens: string | null;
  readonly kills: readonly Kill[];
  readonly apart: { readonly exposures: number; readonly events: number };
  readonly days: number;
  /** The control first. */
  readonly arms: readonly Arm[];
  readonly strangers: readonly (readonly [string, number])[];
  readonly strangersMore: number;
  readonly unshared: readonly (readonly [string, number])[];
  readonly crossed: number;
  readonly isCrossed: boolean;
  readonly sampleRatio: SampleRatio | null;
  readonly plan: Plan;
  readonly metrics: readonly Metric[];
  readonly arrival: Arrival;
  readonly answer: string;
  /** By what people were when they entered. Absent in reports of an earlier version. */
  readonly breakdowns?: readonly Breakdown[];
  /** How many comparisons by segment have an interval: of so many some are off by chance. */
  readonly looks?: number;
}

export interface Breakdown {
  /** Of the attribute, or of the segment. */
  readonly by: string;
  readonly segment: boolean;
  /** How many values are put together in `other`. */
  readonly more: number;
  readonly values: readonly Part[];
}

/** Those with one value. */
export interface Part {
  readonly is: 'value' | 'other' | 'unknown';
  readonly value: string;
  readonly units: readonly number[];
  readonly p: number;
  readonly alarm: boolean;
  readonly metrics: readonly { readonly metric: string; readonly arms: readonly Value[]; readonly comparisons: readonly Comparison[] }[];
}

export interface Kill {
  readonly flag: string;
  readonly at: string;
  readonly until: string | null;
  readonly by: string;
  readonly why: string | null;
  readonly record: string;
}

export interface Arm {
  readonly variant: string;
  readonly planned: number;
  readonly units: number;
  readonly share: number;
}

export interface SampleRatio {
  readonly alarm: boolean;
  readonly lnBayesFactor: number;
  readonly p: number;
  readonly byDay: readonly Cell[];
  readonly byVersion: readonly Cell[];
  readonly byBrowser: readonly Cell[];
}

/** Units of each arm on a day, by a version, or in a browser. */
export interface Cell {
  readonly of: string;
  readonly units: readonly number[];
  readonly p: number;
  readonly alarm: boolean;
}

export interface Plan {
  readonly written: boolean;
  readonly units: number;
  readonly detect: number | null;
  readonly power: number;
  readonly alpha: number;
  readonly atLeastDays: number;
}

export interface Arrival {
  readonly exposures: number;
  readonly receipts: number;
  readonly late: number;
  readonly skewed: number;
  readonly uncorrected: number;
  readonly outdated: number;
  readonly contradicted: number;
}

export type Role = 'primary' | 'secondary' | { readonly guardrail: number };

export interface Metric {
  readonly metric: string;
  readonly role: Role;
  readonly moreIsBetter: boolean;
  readonly isShare: boolean;
  readonly meaning: string;
  readonly cap: number | null;
  readonly capOfY: number | null;
  readonly adjusted: boolean;
  readonly arms: readonly Value[];
  readonly comparisons: readonly Comparison[];
}

export interface Value {
  readonly variant: string;
  readonly units: number;
  readonly nonzero: number;
  readonly mean: number | null;
}

export type Verdict = 'better' | 'worse' | 'safe' | 'harmed' | 'unknown' | 'withheld';
export type Refusal =
  | 'sampleRatio'
  | 'crossovers'
  | 'fewUnits'
  | 'fewConversions'
  | 'early'
  | 'stopped'
  | 'impossibleSums'
  | 'nothingVaries';

export interface Comparison {
  readonly variant: string;
  readonly alpha: number;
  readonly verdict: Verdict;
  readonly refusal: Refusal | null;
  readonly difference: Range | null;
  readonly lift: Range | null;
  readonly fixed: { readonly low: number; readonly high: number; readonly p: number } | null;
  readonly power: number | null;
  readonly unitsToGo: number | null;
  readonly daysToGo: number | null;
  readonly days: readonly { readonly day: number; readonly units: number; readonly difference: Range }[];
}

/** An end is `null` where it is infinite: JSON has no such number. */
export interface Range {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Why a file is not shown: a code for searching, what was found, and what to do. */
export interface Problem {
  readonly code: string;
  readonly cause: string;
  readonly remedy: string;
}

/** Reports have some hundred kB; what is larger is something else, and would hold the page up. */
export const LARGEST = 50_000_000;

const MAKE = 'Make one with: waft report RULES --environment NAME --db FILE --format json --out results.json';

/** Reads the text of a file. */
export function readReport(text: string): Report | Problem {
  const trimmed = text.trimStart();
  if (trimmed === '') return { code: 'EMPTY', cause: 'The file is empty.', remedy: MAKE };
  if (trimmed.startsWith('<')) {
    return { code: 'HTML', cause: 'This is the report as a web page. The studio reads its figures.', remedy: MAKE };
  }
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch (error) {
    const cause = `The file is not JSON (${error instanceof Error ? error.message : 'unreadable'}).`;
    return { code: 'NOT_JSON', cause, remedy: MAKE };
  }
  return reportOf(value) ?? { code: 'NOT_A_REPORT', cause: `The file is JSON, but not a report: ${lacking(value)}.`, remedy: MAKE };
}

/** What a collector answers, if that is a report. */
export const reportOf = (value: unknown): Report | undefined => (isReport(value) ? value : undefined);

export const isProblem = (read: Report | Problem): read is Problem => 'code' in read;

type Unknown = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Unknown => typeof value === 'object' && value !== null && !Array.isArray(value);
const all = (value: unknown, check: (item: Unknown) => boolean): boolean =>
  Array.isArray(value) && value.every((item) => isObject(item) && check(item));

/** Whether all is there that the page reads without asking. Members that are added later are no fault. */
function isReport(value: unknown): value is Report {
  return (
    isObject(value) &&
    typeof value.set === 'string' &&
    typeof value.asOf === 'string' &&
    Array.isArray(value.warnings) &&
    Array.isArray(value.unknown) &&
    all(value.studies, isStudy)
  );
}

function isStudy(study: Unknown): boolean {
  const texts = ['kind', 'name', 'unit', 'from', 'answer'];
  const lists = ['arms', 'metrics', 'kills', 'strangers', 'unshared'];
  return (
    texts.every((name) => typeof study[name] === 'string') &&
    lists.every((name) => Array.isArray(study[name])) &&
    isObject(study.plan) &&
    isObject(study.arrival) &&
    isObject(study.apart) &&
    all(study.arms, ({ variant, units }) => typeof variant === 'string' && typeof units === 'number') &&
    all(study.metrics, ({ metric, arms, comparisons }) => typeof metric === 'string' && Array.isArray(arms) && Array.isArray(comparisons))
  );
}

/** What a report would have. */
export function lacking(value: unknown): string {
  if (!isObject(value)) return 'it is not an object';
  const missing = ['set', 'asOf', 'studies'].find((name) => value[name] === undefined);
  if (missing) return `it has no "${missing}"`;
  return 'a study in it lacks figures, so it may be of another version of waft';
}
