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
