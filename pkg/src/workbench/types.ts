/** What the workbench is asked and answers. */

import type {
  Counted,
  DateForm,
  Encoding,
  Finding,
  Group,
  Model,
  NumberForm,
  Overlap,
  PopulationCount,
  Report,
  TrialCount,
  ValueCount,
} from '../counted.js';
import type { SegmentStory } from '../explanation.js';
import type { Explanations } from '../studio/types.js';
import type { Context, Trust } from '../types.js';
import type { Diff } from './diff.js';
import type { PlanAnswer, PlanQuestion } from './plan.js';

/** What is said of a file of people beforehand; the rest is found out, and told in its report. */
export interface FileSettings {
  /** How it is written. */
  readonly layout?: { readonly encoding?: Encoding; readonly separator?: string; readonly quote?: string };
  /** Which attribute a column fills, by its name in the header line; null for none. */
  readonly columns?: Readonly<Record<string, string | null>>;
  /** How the numbers or dates of an attribute are written. */
  readonly forms?: Readonly<Record<string, NumberForm | DateForm>>;
  /** All values that attributes should have, as the ruleset declares them: others are told. */
  readonly enums?: Readonly<Record<string, readonly string[]>>;
  /** How much memory columns may take, in bytes: 80 MiB by default. Of a file that takes more, a sample is read. */
  readonly memory?: number;
  /** Which people are in the sample: the same number, the same people. */
  readonly seed?: number;
}

/** Files of a ruleset by their paths in its folder: `waft.yaml`, `flags/banner.yaml`, and those of lists. */
export type Files = Readonly<Record<string, string>>;

/** What came of compiling. */
export interface Draft {
  /** What `waft lint` finds, in the order of the text. */
  readonly findings: readonly Finding[];
  /** What the rules declare, as of the last draft without errors. */
  readonly model?: Model;
  /** Whether that is this one: with errors, the last good one stays and is counted by. */
  readonly counted: boolean;
}

/** How a file of people is to be read. */
export interface Reading {
  readonly settings?: FileSettings;
  /** Told how many bytes and rows were read. */
  readonly progress?: (bytes: number, rows: number) => void;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** Whether people match a segment, do not, or it is not known. */
export type Kind = 'matches' | 'others' | 'unknown';

/**
 * Rules, and people to count by them. Rules are a draft or a snapshot, whichever came last; people are those of one file, which was read once and is
 * kept in memory alone. Nothing is sent anywhere. Moments are milliseconds since 1970: by default the device's clock, within a snapshot's time.
 *
 * Each member throws an `Error`, which has a `code` where one is named: `NO_RULES`, `NO_DRAFT`, `NO_PEOPLE`, or a finding's.
 */
export interface Workbench {
  /**
   * Compiles a draft as `waft build` would, for an environment or the first that it declares. Nobody signs it, and no page takes it: it is for counting alone.
   *
   * @example workbench.compile({ 'waft.yaml': text }).findings[0]?.message
   */
  compile(files: Files, options?: { readonly environment?: string; readonly now?: number }): Draft;
  /** Counts by a signed snapshot from now on. Throws the code of its refusal, and what was counted by before stays. */
  open(question: { readonly snapshot: Uint8Array; readonly trust: Trust; readonly now?: number }): void;
  /**
   * Takes a list file: of a draft, if it names a file of that path, or one alone of that name in any folder, for the next compilation; of a snapshot, whatever
   * it is named, if its bytes were signed.
   * Returns whether it is one of theirs. Without it, who is in the list is not known.
   */
  putList(name: string, bytes: Uint8Array): boolean;
  /**
   * Reads a file of people as a stream: CSV, JSON, or a JSON object a line. It takes seconds for a million: call it in a worker. Its columns fill the attributes
   * that the rules declare by then. Rejects with an `Error` that has a `code`, such as `EMPTY`, `SPREADSHEET`, `BINARY`, `OPEN_QUOTE` or `CANCELLED`,
   * and a message with the remedy. The people of the file before are given up.
   */
  read(file: Blob, reading?: Reading): Promise<Report>;
  /** How many people are in each segment; of a draft, for how many each part of its condition holds, too. */
  count(now?: number): PopulationCount;
  /**
   * A condition that is not in the draft, counted. It may name what the draft declares.
   *
   * @example workbench.countCondition('{ country: { is: DE }, segment: members }').matches
   */
  countCondition(yaml: string, now?: number): Counted;
  /** A segment's people by their value of an attribute, those with most people first; empty if the file has no column for it. */
  breakdown(segment: string, attribute: string, now?: number): readonly Group[];
  /** How many people two segments share. */
  overlap(one: string, other: string, now?: number): Overlap;
  /** `count` of a segment's people from one on, in the order of the file: what each has of the declared attributes. */
  people(segment: string, kind: Kind, from: number, count: number, now?: number): readonly Readonly<Record<string, unknown>>[];
  /** The values of an attribute that begin with a text, in any case, those with most people first. */
  values(attribute: string, prefix: string, limit: number): readonly ValueCount[];
  /** For how many a flag evaluates to each of its variants; under an empty key, how many get the caller's default. */
  decide(flagKey: string, now?: number): Readonly<Record<string, number>>;
  /**
   * How far people come with a rule of a flag that names a trial, an experiment or a ramp, and whom it takes against what is planned. With an attribute
   * that is a date, how many whom it admits come a day, too.
   *
   * @example workbench.trial('headline', 'test').arms.map(({ variant, people }) => `${people} ${variant}`)
   */
  trial(flagKey: string, rule: string, date?: string, now?: number): TrialCount;
  /** One visitor: every flag and why. */
  explain(context: Context, now?: number): Explanations;
  /** One visitor: every segment and why. */
  segments(context: Context, now?: number): readonly SegmentStory[];
  /** What the draft changes of other files, for the same environment, and who gets something else: as `waft diff` has it. */
  diff(base: Files, now?: number): Diff;
  /** What the draft changes of what has started in other files, and may not, for the same environment: as `waft lint --against` finds it. */
  against(base: Files, now?: number): readonly Finding[];
  /** How long a trial takes, or what it can find, by the interval of `waft report`. It asks nothing of rules or people. */
  plan(question: PlanQuestion): PlanAnswer;
  /** Gives the memory back. */
  free(): void;
}
