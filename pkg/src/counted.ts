/**
 * What the workbench tells of drafts and people. Made of the structs of crates/explain, by `WAFT_WRITE=1 cargo test -p waft-explain typescript`: change it there.
 */

/** How many people of a file are in each segment. */
export interface PopulationCount {
  /** How many people there are. */
  readonly rows: number;
  /** The columns that fill an attribute, by its name. */
  readonly columns: ReadonlyArray<string>;
  /** The columns that do not. */
  readonly ignored: ReadonlyArray<string>;
  /** Every segment. */
  readonly segments: ReadonlyArray<SegmentCount>;
}

/** How many people are in a segment. */
export interface SegmentCount {
  /** As the ruleset calls it. */
  readonly name: string;
  /** How many are in it. */
  readonly matches: number;
  /** How many are not. */
  readonly misses: number;
  /** Of how many it is not known: an attribute is missing or of another type. */
  readonly unknown: number;
  /** The attributes that it asks for and of which the file has no column. */
  readonly lacks: ReadonlyArray<string>;
  /** The lists that it asks for and whose files are not there. */
  readonly absent: ReadonlyArray<string>;
  /** The counts of the parts of its condition; empty if it has none, or if they are not known, as of a snapshot. */
  readonly parts: ReadonlyArray<Counted>;
}

/** For how many people a condition holds. */
export interface Counted {
  /** For how many it holds. */
  readonly matches: number;
  /** For how many it does not. */
  readonly others: number;
  /** Of how many it is not known: an attribute is missing or of another type. */
  readonly unknown: number;
  /** The same of what is side by side in it, in the order of the text: parts of a map are on one level. A test of an attribute, a segment, a list, a share or a flag has none; what stands alone in a map stands for the map. */
  readonly parts: ReadonlyArray<Counted>;
}

/** People with one value of an attribute, by whether they are in a segment. */
export interface Group {
  /** The value; empty for those who have none. */
  readonly value: string;
  /** How many are in it. */
  readonly matches: number;
  /** How many are not. */
  readonly others: number;
  /** Of how many it is not known. */
  readonly unknown: number;
  /** How many values it holds: more than one for the last group, where an attribute has over 1,000. Its `value` is empty then. */
  readonly values: number;
}

/** People of two segments. */
export interface Overlap {
  /** How many are in both. */
  readonly both: number;
  /** How many are in the first alone. */
  readonly first: number;
  /** How many are in the second alone. */
  readonly second: number;
  /** How many are in neither. */
  readonly neither: number;
  /** Of how many one of the two is not known. */
  readonly unknown: number;
}

/** A value of an attribute, and how many people have it. */
export interface ValueCount {
  /** The value; of a list, one of its texts. */
  readonly value: string;
  /** How many people have it. */
  readonly people: number;
}

/** How far people come with a rule of a flag, at a moment: everybody is counted once. */
export interface TrialCount {
  /** The phase that runs. */
  readonly phase?: number;
  /** Whose flag is off, as a prerequisite is not met. */
  readonly off: number;
  /** Who is held out. */
  readonly held: number;
  /** For whom a target or an earlier rule decides. */
  readonly before: number;
  /** Whom its condition does not admit. */
  readonly others: number;
  /** Of whom that is not known. */
  readonly unknown: number;
  /** Who comes to it at a moment at which it takes nobody. */
  readonly idle: number;
  /** Who has no id to be randomised by. */
  readonly noUnit: number;
  /** Who is in another part of its layer. */
  readonly outside: number;
  /** Whom it has not reached: by coverage, or by the ramp's share. */
  readonly later: number;
  /** Who is kept back to compare, and who gets what it serves. */
  readonly arms: ReadonlyArray<ArmCount>;
  /** The share of those whom it admits that is planned to be taken. */
  readonly planned: number;
  /** Whom it admits, by the day in a column of dates. */
  readonly inflow?: DayCount;
}

/** A variant of a trial. */
export interface ArmCount {
  /** Its key; empty for those who are kept back. */
  readonly variant: string;
  /** How many get it. */
  readonly people: number;
  /** Its planned share of those who are taken. */
  readonly planned: number;
}

/** Units by the day on which each came first. */
export interface DayCount {
  /** Units a day that could enter, of the last 28 whole days at most: with those whom a holdout keeps, as many as its share says. 0 if there is no whole day. */
  readonly perDay: number;
  /** The first of those days. */
  readonly from: number;
  /** How many there are. */
  readonly days: number;
  /** The fewest on one of them. */
  readonly fewest: number;
  /** The most. */
  readonly most: number;
  /** How many of those whom it admits have no date, or one to come. */
  readonly undated: number;
}

/** How a file is written, and what came of reading it. */
export interface Report {
  /** `csv`, `ndjson` or `json`. */
  readonly format: string;
  /** How characters are written as bytes. */
  readonly encoding: Encoding;
  /** What stands between the fields of a CSV. */
  readonly separator?: string;
  /** What stands around fields of a CSV that hold separators. */
  readonly quote?: string;
  /** The lines above the header line, which were skipped. */
  readonly titles: ReadonlyArray<string>;
  /** How many people there are. */
  readonly rows: number;
  /** How many people the file has, if that is not how many there are: one in so many was taken, by chance. */
  readonly sampledFrom: number;
  /** Rows that could not be read. */
  readonly skipped: Skipped;
  /** Every column. */
  readonly columns: ReadonlyArray<ColumnReport>;
  /** The attributes of which the file has no column. */
  readonly missing: ReadonlyArray<string>;
}

/** How a file writes characters as bytes. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Rows that could not be read. */
export interface Skipped {
  /** How many there are. */
  readonly rows: number;
  /** Those with fewer fields than the header line. */
  readonly short: number;
  /** Those with more. */
  readonly long: number;
  /** Those without anything in any field, as spreadsheets write below the last row. */
  readonly blank: number;
  /** Those with a quote that is not closed. */
  readonly openQuote: number;
  /** Those that are no JSON objects. */
  readonly noObject: number;
  /** The first of them. */
  readonly examples: ReadonlyArray<SkippedRow>;
}

/** A row that could not be read. */
export interface SkippedRow {
  /** Its line in the file, from 1. */
  readonly line: number;
  /** What is wrong with it. */
  readonly problem: string;
  /** How it begins. */
  readonly text: string;
}

/** A column of a file. */
export interface ColumnReport {
  /** Its name in the header line; of a second one of that name, with its number behind. */
  readonly header: string;
  /** The attribute that it fills. */
  readonly attribute?: string;
  /** Why: `chosen`, `exact`, or `alike` but for case, spaces and signs. Why not: `unknown`, `twice` if another column fills it already, `left-out` if that was chosen. */
  readonly matched: string;
  /** The attribute that it might fill. */
  readonly proposed?: string;
  /** The attribute's type. */
  readonly type?: string;
  /** How its numbers are written. */
  readonly numbers?: NumberForm;
  /** How its dates are written. */
  readonly dates?: DateForm;
  /** The forms in which numbers or dates of it can be read, with how many rows; more than one is a choice. */
  readonly forms: ReadonlyArray<FormCount>;
  /** How many rows have nothing in it. */
  readonly empty: number;
  /** How many different texts it has. */
  readonly distinct: number;
  /** What is not of the attribute's type, so that conditions on it are unknown. */
  readonly unread: Odd;
  /** What is not in the attribute's enum. */
  readonly outside: Odd;
  /** Some of its texts. */
  readonly examples: ReadonlyArray<string>;
}

/** How numbers are written. */
export type NumberForm = 'point' | 'comma';

/** How dates are written. What says no offset is taken as UTC. */
export type DateForm = 'rfc3339' | 'without-offset' | 'milliseconds' | 'seconds' | 'day-first' | 'month-first';

/** A form, and how many rows can be read so. */
export interface FormCount {
  /** As `NumberForm` or `DateForm` is written: `comma`, `day-first`. */
  readonly form: string;
  /** How many rows. */
  readonly rows: number;
}

/** Rows whose text is odd. */
export interface Odd {
  /** How many rows. */
  readonly rows: number;
  /** Some of the texts. */
  readonly examples: ReadonlyArray<string>;
}

/** A finding, as `waft lint --format json` prints it. */
export interface Finding {
  /** `error`, which stops a build, or `warning`. */
  readonly severity: 'error' | 'warning';
  /** Its code: docs/ruleset.md, section 17. */
  readonly code: string;
  /** The file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** What is wrong. */
  readonly message: string;
  /** What would mend it. */
  readonly remedy: string;
}

/** What rules declare, in one environment. Shares are fractions from 0 to 1, moments are milliseconds since 1970. */
export interface Model {
  /** The project. */
  readonly project: string;
  /** All environments. */
  readonly environments: ReadonlyArray<string>;
  /** The one for which this is said. */
  readonly environment: string;
  /** Attributes, by name. */
  readonly attributes: Readonly<Record<string, ModelAttribute>>;
  /** The attribute of each unit, by the unit's name. */
  readonly units: Readonly<Record<string, string>>;
  /** The names of lists. */
  readonly lists: ReadonlyArray<string>;
  /** Segments, each behind those that it names. */
  readonly segments: ReadonlyArray<ModelSegment>;
  /** Flags, in the order of their files. */
  readonly flags: ReadonlyArray<ModelFlag>;
  /** Experiments, likewise. */
  readonly experiments: ReadonlyArray<ModelExperiment>;
  /** Layers, by name. */
  readonly layers: ReadonlyArray<ModelLayer>;
}

/** An attribute. */
export interface ModelAttribute {
  /** `string`, `number`, `boolean`, `date`, `semver` or `list`. */
  readonly type: string;
  /** The values it may have, if they are listed. */
  readonly values?: ReadonlyArray<string>;
  /** Whether it must never leave the browser. */
  readonly private: boolean;
  /** What it is. */
  readonly description?: string;
}

/** A segment, and where its name is written. */
export interface ModelSegment {
  /** As conditions call it. */
  readonly key: string;
  /** The file. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** Its title. */
  readonly title?: string;
  /** What is said of it. */
  readonly description?: string;
}

/** A flag in the environment, and where its name is written. */
export interface ModelFlag {
  /** As pages call it. */
  readonly key: string;
  /** The file. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** `boolean`, `string`, `number` or `object`. */
  readonly type: string;
  /** The keys of its variants. */
  readonly variants: ReadonlyArray<string>;
  /** What is said of it. */
  readonly description?: string;
  /** The experiment that a rule of it names: the first. */
  readonly experiment?: string;
  /** Whether its rules are tried. */
  readonly enabled: boolean;
  /** The keys that the environment has in place of the flag's own: its `in`. */
  readonly replaced: ReadonlyArray<string>;
  /** The variant served when it is off; without one, the caller's default is. */
  readonly whenOff?: string;
  /** The variant served when no rule decides. */
  readonly default: string;
  /** The holdout that it takes part in. */
  readonly holdout?: string;
  /** Its rules, in the order in which they are tried. */
  readonly rules: ReadonlyArray<ModelRule>;
  /** The moments at which its rules, or those of flags that it asks for, begin, end or take more in. */
  readonly moments: ReadonlyArray<number>;
}

/** A rule of a flag. */
export interface ModelRule {
  /** As it is written. */
  readonly id: string;
  /** `serve`, `experiment` or `ramp`. */
  readonly does: string;
  /** The variant, or the experiment's name. */
  readonly serves: string;
  /** Its first moment, if it has one. */
  readonly from?: number;
  /** The first moment after it. */
  readonly to?: number;
  /** What rises. */
  readonly ramp?: ModelRamp;
}

/** A share that rises. */
export interface ModelRamp {
  /** The unit that it comes to. */
  readonly unit: string;
  /** Whether as many as get it are kept back to compare. */
  readonly monitored: boolean;
  /** From when on no step begins. */
  readonly paused?: number;
  /** All steps, as they are planned. */
  readonly steps: ReadonlyArray<ModelStep>;
}

/** A step of a ramp. */
export interface ModelStep {
  /** The share that it rises to. */
  readonly share: number;
  /** When it begins; of one that waits, when it would at the earliest, if that is known. */
  readonly at?: number;
  /** Whether it begins by itself. */
  readonly begins: boolean;
  /** For how long it waits behind the step before, in milliseconds. */
  readonly hold?: number;
  /** How many units have to be seen first. */
  readonly units?: number;
  /** Whether somebody has to approve it. */
  readonly approval: boolean;
}

/** An experiment. */
export interface ModelExperiment {
  /** As rules and reports call it. */
  readonly key: string;
  /** The unit that it randomises. */
  readonly unit: string;
  /** The flag whose rule names it, if one does. */
  readonly flag?: string;
  /** The rule's id. */
  readonly rule?: string;
  /** Its layer. */
  readonly layer?: string;
  /** The share of units that its ranges in the layer let in; all without one. */
  readonly reach: number;
  /** The share of units that the flag's holdout keeps at the moment; whom that excepts are not counted. */
  readonly held: number;
  /** Its phases, in order of time. */
  readonly phases: ReadonlyArray<ModelPhase>;
  /** The place of the phase that runs at the moment. */
  readonly running?: number;
  /** Its primary metrics. */
  readonly primary: ReadonlyArray<string>;
  /** Whether the first of them is a conversion rate. */
  readonly isRate: boolean;
  /** How many days after the exposure its events count. */
  readonly windowDays: number;
  /** How large it is to be. */
  readonly plan: ModelPlan;
}

/** A period of an experiment. */
export interface ModelPhase {
  /** Its number. */
  readonly id: number;
  /** Its first moment. */
  readonly from: number;
  /** The first moment after it. */
  readonly to?: number;
  /** Whether it has begun at the moment. */
  readonly started: boolean;
  /** The share of eligible units that it takes in. */
  readonly coverage: number;
  /** The share of units that enter, of those whom the rule admits: by layer, coverage and holdout. */
  readonly traffic: number;
  /** Variants and their shares, the control first. */
  readonly split: ReadonlyArray<ModelShare>;
}

/** A variant's share. */
export interface ModelShare {
  /** The variant. */
  readonly variant: string;
  /** Its share. */
  readonly share: number;
}

/** How large an experiment is to be; where that is not written, what the language says. */
export interface ModelPlan {
  /** The smallest relative effect that matters. */
  readonly detect?: number;
  /** The chance to see it. */
  readonly power: number;
  /** The chance of a false alarm. */
  readonly alpha: number;
  /** How many units in all. */
  readonly units?: number;
  /** How many days at least. */
  readonly atLeastDays: number;
}

/** Traffic that experiments share. */
export interface ModelLayer {
  /** As experiments call it. */
  readonly key: string;
  /** The unit that it divides. */
  readonly unit: string;
  /** All of it, in order: what experiments have, what rests, and what is free. */
  readonly ranges: ReadonlyArray<ModelRange>;
}

/** A part of a layer, of an experiment, resting, or free. */
export interface ModelRange {
  /** Where it starts. */
  readonly from: number;
  /** Where it ends. */
  readonly to: number;
  /** The experiment that has it. */
  readonly experiment?: string;
  /** Until when it rests. */
  readonly until?: number;
}
