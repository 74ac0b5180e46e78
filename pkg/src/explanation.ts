/**
 * What the studio tells. Made of the structs of crates/explain, by `WAFT_WRITE=1 cargo test -p waft-explain typescript`: change it there.
 */

import type { Reason } from './codes.js';

/** How a flag evaluates, and why. */
export interface Explanation {
  /** What was tried, rule by rule: docs/ruleset.md, section 16. */
  readonly trace: ReadonlyArray<TraceEntry>;
  /** The trace as lines of plain English. */
  readonly text: string;
  /** The variant's value. */
  readonly value?: Value;
  /** The variant's key. */
  readonly variant?: string;
  /** Why, in OpenFeature's words. */
  readonly reason: Reason;
  /** True if the kill list names the flag. */
  readonly killed?: boolean;
  /** The id of the rule that decided. */
  readonly rule?: string;
  /** What reading the flag exposes; absent if nothing. */
  readonly exposures?: ReadonlyArray<ExposureStory>;
  /** Why there is no variant, in OpenFeature's words; or `TARGETING_KEY_MISSING`: a unit was asked for that the context lacks. */
  readonly errorCode?: string;
  /** The code, and the attribute that is missing. */
  readonly errorMessage?: string;
  /** When time alone could change this: RFC 3339, or milliseconds since 1970 if it is past the year 9999. */
  readonly validUntil?: string;
}

/** An exposure: that a unit met a variant of a trial. */
export interface ExposureStory {
  /** 32 hexadecimal digits: docs/snapshot-format.md, section 6. */
  readonly id: string;
  /** The trial's key. */
  readonly experiment: string;
  /** The number of its phase. */
  readonly phase: number;
  /** The variant's key, or `control`, `held` or `not-held`. */
  readonly variant: string;
  /** The id of the rule whose trial it is. */
  readonly rule: string;
  /** The unit's point for the split, or for the holdout; of 2^32. */
  readonly point: number;
  /** The kind of unit that is randomised. */
  readonly unitKind: string;
  /** The unit. */
  readonly unit: string;
}

/** A step of the order of decision. */
export type TraceEntry = KillStory | PreviewStory | RuleStory;

/** That the flag is on the kill list. */
export interface KillStory {
  /** True. */
  readonly killed: true;
  /** True. */
  readonly result: true;
}

/** That a signed preview shows the variant. */
export interface PreviewStory {
  /** True. */
  readonly preview: true;
  /** True. */
  readonly result: true;
}

/** A rule that was tried. */
export interface RuleStory {
  /** Its id. */
  readonly rule: string;
  /** From when on it applies, in RFC 3339. */
  readonly from?: string;
  /** Before when it applies, in RFC 3339. */
  readonly to?: string;
  /** True if the moment is outside its dates, so that nothing was asked. */
  readonly outside?: boolean;
  /** What its condition evaluates to; of a holdout, whether it takes part. */
  readonly result?: Tristate;
  /** Why that is unknown, if no condition says it. */
  readonly why?: Why;
  /** When it begins or has ended, or why it is unknown, for people. */
  readonly note?: string;
  /** True if the search ended here, because the condition is unknown. */
  readonly stops?: boolean;
  /** Whom it is for. */
  readonly condition?: ConditionStory;
  /** Whom a holdout leaves alone. */
  readonly except?: ConditionStory;
  /** The holdout that it leads into. */
  readonly holdout?: TrialStory;
  /** The experiment that it leads into. */
  readonly experiment?: TrialStory;
  /** The ramp that it leads into. */
  readonly ramp?: TrialStory;
}

/** A condition: `all`, `any`, `not`, `segment`, `flag`, `list`, `share` or `operator` says what it is, or it is an attribute's test. */
export interface ConditionStory {
  /** It as a phrase, for people. */
  readonly words: string;
  /** What it evaluates to; absent if nobody looked. */
  readonly result?: Tristate;
  /** All of these hold. */
  readonly all?: ReadonlyArray<ConditionStory>;
  /** Any of these holds. */
  readonly any?: ReadonlyArray<ConditionStory>;
  /** This does not hold. */
  readonly not?: ConditionStory;
  /** The name of a segment. */
  readonly segment?: string;
  /** The segment's condition, unless it was told above. */
  readonly condition?: ConditionStory;
  /** The key of another flag, whose variant is the value. */
  readonly flag?: string;
  /** The name of a list. */
  readonly list?: string;
  /** A share of units. */
  readonly share?: ShareStory;
  /** The number of an operator that this version does not know. */
  readonly operator?: number;
  /** The attribute's name. */
  readonly attribute?: string;
  /** True if the context does not have it. */
  readonly missing?: boolean;
  /** Its value, or the variant of the flag that was asked for. */
  readonly value?: Value;
  /** Why it is of no use. */
  readonly why?: Why;
  /** The type that it should have. */
  readonly expected?: Expected;
  /** The value, and why it is of no use, for people. */
  readonly note?: string;
}

/** Why. Its names are stable; see docs/ruleset.md, section 16. */
export type Why =
  | 'missing'
  | 'empty'
  | 'too-long'
  | 'wrong-type'
  | 'not-loaded'
  | 'not-decided'
  | 'unknown-operator'
  | 'unknown-action'
  | 'unreadable';

/** What an attribute should have been, by its name in a ruleset. */
export type Expected = 'string' | 'number' | 'boolean' | 'date' | 'semver' | 'list' | 'unit';

/** Where the unit's point lies for a share of units, in percent. */
export interface ShareStory {
  /** The point. */
  readonly point: Percent;
  /** From here on points are in. */
  readonly from: Percent;
  /** Below this, points are in. */
  readonly below: Percent;
}

/** An experiment, a ramp or a holdout, and the points that it compared, in this order. */
export interface TrialStory {
  /** Its key. */
  readonly key: string;
  /** Why nobody takes part, for people. */
  readonly stopped?: string;
  /** True if the unit keeps the variant that it was given earlier. */
  readonly remembered?: boolean;
  /** The point in the experiment's layer. */
  readonly layer?: LayerStory;
  /** Whether the unit is held out. */
  readonly holdout?: PointStory;
  /** Whether the ramp has reached the unit. */
  readonly ramp?: PointStory;
  /** Which half of a monitored ramp the unit is in. */
  readonly half?: PointStory;
  /** Whether a unit of the half that is kept back is released. */
  readonly released?: PointStory;
  /** Whether the unit is in the share of units that the phase takes. */
  readonly coverage?: PointStory;
  /** The part of the split that the unit is in. */
  readonly split?: PointStory;
  /** The attribute's name. */
  readonly attribute?: string;
  /** True if the context does not have it. */
  readonly missing?: boolean;
  /** Its value, or the variant of the flag that was asked for. */
  readonly value?: Value;
  /** Why it is of no use. */
  readonly why?: Why;
  /** The type that it should have. */
  readonly expected?: Expected;
  /** The value, and why it is of no use, for people. */
  readonly note?: string;
}

/** A point and the bounds that it is compared with, in percent. */
export interface PointStory {
  /** The point. */
  readonly point: Percent;
  /** From here on points are in; from 0 if absent. */
  readonly from?: Percent;
  /** Below this, points are in. */
  readonly below: Percent;
  /** Whether it is in. */
  readonly inside: boolean;
}

/** A point in a layer and the experiment's ranges, in percent. */
export interface LayerStory {
  /** The layer's name. */
  readonly name: string;
  /** The point. */
  readonly point: Percent;
  /** From the first of each on and below the second, points are in. */
  readonly ranges: ReadonlyArray<readonly [Percent, Percent]>;
  /** Whether it is in. */
  readonly inside: boolean;
}

/** A segment, and whether somebody is in it. */
export interface SegmentStory {
  /** Its name. */
  readonly name: string;
  /** Its title, if it has one. */
  readonly title?: string;
  /** Its condition as a phrase. */
  readonly words: string;
  /** Whether somebody is in it. Null is unknown: an attribute is missing or of another type. */
  readonly matches: Tristate;
  /** The tests of single attributes in it. */
  readonly why: ReadonlyArray<ConditionStory>;
}

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
  /** Its name. */
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

/** What rules declare, in one environment. */
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
  /** Its name. */
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

/** A flag, and where its name is written. */
export interface ModelFlag {
  /** Its key. */
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
  /** Its name. */
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

/** A number of percent, with at most four decimals. */
export type Percent = number;

/** True, false, or null for unknown. */
export type Tristate = boolean | null;

/** Any JSON: the value of a variant or an attribute. */
export type Value = unknown;
