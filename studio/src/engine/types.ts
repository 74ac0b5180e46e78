/** What the page may ask of its worker. Every answer comes from Rust. */

import type { Context } from 'waft';
import type {
  Counted,
  Diff,
  Draft,
  Explanations,
  FileSettings,
  Finding,
  Group,
  Kind,
  Overlap,
  PlanAnswer,
  PlanQuestion,
  PopulationCount,
  Report,
  SegmentStory,
  TrialCount,
  ValueCount,
} from 'waft/workbench';

export type {
  ArmCount,
  Change,
  ColumnReport,
  Counted,
  Counts,
  DayCount,
  Diff,
  Draft,
  Effect,
  Explanation,
  Explanations,
  Finding,
  FlagChange,
  FlagEffect,
  Group,
  Kind,
  Model,
  ModelAttribute,
  ModelExperiment,
  ModelFlag,
  ModelLayer,
  ModelPhase,
  ModelRamp,
  ModelRange,
  ModelRule,
  ModelSegment,
  ModelStep,
  Overlap,
  PlanAnswer,
  PlanQuestion,
  PopulationCount,
  Report,
  SegmentCount,
  SegmentStory,
  TrialCount,
  ValueCount,
} from 'waft/workbench';

export type { Context } from 'waft';

/** Each file of a ruleset by its path in the folder. */
export type Files = Readonly<Record<string, string>>;

/** A list file, by its name, or by its path in the folder of the rules, which no `File` has in every browser. */
export type ListFile = File | { readonly name: string; readonly bytes: Blob };

/** Which attribute each column fills, and how its numbers or dates are read, as somebody chose; and how the file is written. */
export type Choices = Pick<FileSettings, 'columns' | 'forms' | 'layout'>;

/**
 * One worker for the page. It answers one question after the other. Of what waits, the same question asked anew takes the place of the earlier one: both get the
 * later answer. If the worker fails, the question that made it fail is rejected with the code `CRASHED`; another worker has the rules and people again.
 *
 * Errors have a `code`, and a `message` with the remedy. Moments are milliseconds since 1970, by default now.
 */
export interface Engine {
  /** Compiles a draft, as `waft build` would. With errors, the last good draft goes on being counted. */
  compile(files: Files, options?: { readonly environment?: string; readonly now?: number }): Promise<Draft>;
  /**
   * Reads a file of people as a stream, for the attributes that the draft declares, in place of what was being read; who was read before is given up. `progress` is told the share that was
   * read, from 0 to 1, and the rows. Rejects with the code `CANCELLED` if it is stopped, or if another file is read.
   */
  read(file: Blob, choices?: Choices, progress?: (share: number, rows: number) => void, signal?: AbortSignal): Promise<Report>;
  /** Takes list files that the rules name, and compiles the draft anew. Returns the names of those that belong to other rules. */
  lists(files: readonly ListFile[]): Promise<readonly string[]>;
  /** People in each segment of the draft: match, do not, unknown; and for each part of its condition. */
  count(now?: number): Promise<PopulationCount>;
  /** A condition that is not in the rules yet (its YAML), counted. */
  countCondition(yaml: string, now?: number): Promise<Counted>;
  /** A segment's people by their value of an attribute, those with most people first. */
  breakdown(segment: string, attribute: string, now?: number): Promise<readonly Group[]>;
  overlap(one: string, other: string, now?: number): Promise<Overlap>;
  /** Rows of people, for tables and export. */
  people(segment: string, kind: Kind, from: number, count: number, now?: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Values that begin with a text, for completion. */
  values(attribute: string, prefix: string, limit: number): Promise<readonly ValueCount[]>;
  /** People by variant; '' are those who get the caller's default. */
  decide(flag: string, now?: number): Promise<Readonly<Record<string, number>>>;
  /** How far people come with a rule that leads into an experiment or a ramp, against what is planned; with an attribute that is a date, how many come a day. */
  trial(flag: string, rule: string, date?: string, now?: number): Promise<TrialCount>;
  /** One visitor: every flag and why. */
  explain(context: Context, now?: number): Promise<Explanations>;
  /** One visitor: every segment and why. */
  segments(context: Context, now?: number): Promise<readonly SegmentStory[]>;
  /** Who would see something else: the rules as opened against the draft, by the semantics of `waft diff`. */
  diff(base: Files, options?: { readonly now?: number }): Promise<Diff>;
  /** What the draft changes of what has started in the rules as opened, and may not: as `waft lint --against` finds it. */
  against(base: Files, options?: { readonly now?: number }): Promise<readonly Finding[]>;
  /** How long an experiment takes, or what it can find, by the interval of the report. It asks nothing of rules or people. */
  plan(question: PlanQuestion): Promise<PlanAnswer>;
  /** Tells of every draft that was compiled, and of people that were read without being asked: after attributes changed, or after a crash. Returns what ends it. */
  watch(watcher: (news: News) => void): () => void;
}

export type News = { readonly draft: Draft } | { readonly report: Report };
