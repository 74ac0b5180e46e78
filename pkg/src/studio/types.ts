/** What the studio is asked and answers. Apart from the studio, which is an ES module alone: CommonJS has these types too. */

import type { Code } from '../codes.js';
import type { DateForm, Encoding, Explanation, NumberForm, PopulationCount, Report, SegmentStory } from '../explanation.js';
import type { Context, Trust } from '../types.js';

/** A snapshot, whom to believe, and when: unless said, when a page decides now. */
export interface Question {
  readonly snapshot: Uint8Array;
  readonly trust: Trust;
  readonly context?: Context;
  /** Milliseconds since 1970. By default what the device's clock shows, but not before the snapshot was made. */
  readonly now?: number;
}

/** Every flag and why, by its key. */
export interface Explanations {
  readonly flags: Readonly<Record<string, Explanation>>;
  /** As in a page's `status()`: until when the preview token shows something, in milliseconds since 1970, or why it shows nothing. */
  readonly preview?: number | Code;
}

/** How many people of a file are in each segment. */
export interface Preview extends PopulationCount {
  /** What is wrong with the file, and in which line. */
  readonly error?: string;
}

/** People whose contexts were read once, to see how each flag evaluates for them. */
export interface Population {
  readonly size: number;
  /**
   * For how many of them a flag evaluates to each of its variants; under an empty key, how many get the caller's default.
   * Nobody is exposed to anything. Throws if there is no such flag.
   */
  count(flagKey: string, now?: number): Readonly<Record<string, number>>;
  /** Gives the memory back. */
  free(): void;
}

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
  /** How much memory columns may take, in bytes: 200 MiB by default. Of a file that takes more, a sample is read. */
  readonly memory?: number;
  /** Which people are in the sample: the same number, the same people. */
  readonly seed?: number;
}

/** People of a file, which was read once: a CSV, JSON, or a JSON object a line. Nothing of it is kept or sent anywhere. */
export interface Audience {
  /** How the file is written, what fills which attribute, and what was skipped. */
  readonly report: Report;
  /** How many are in each segment. */
  count(now?: number): PopulationCount;
  /** For how many a flag evaluates to each of its variants: as of a `Population`. */
  decide(flagKey: string, now?: number): Readonly<Record<string, number>>;
  /** Counts by another snapshot from now on, without reading the file again. */
  adopt(question: Omit<Question, 'context'>): void;
  /** Takes a list file of the snapshot, whatever it is named: without it, who is in the list is not known. Throws the code of its refusal. */
  putList(bytes: Uint8Array): void;
  /** Gives the memory back. */
  free(): void;
}

/** The studio, loaded. Each member throws an `Error` whose message is the refusal's code, or what is wrong with trust. */
export interface Studio {
  /**
   * Every flag and why. `preview` is a token of `waft token`, as a client takes it: if it is refused, flags are decided without it.
   *
   * @example studio.explain({ snapshot, trust, context }).flags['cta-copy'].text
   */
  explain(question: Question & { readonly preview?: string | null }): Explanations;
  /** @example studio.segments({ snapshot, trust, context }).filter(({ matches }) => matches) */
  segments(question: Question): readonly SegmentStory[];
  /** @example studio.preview({ snapshot, trust, csv: await file.text() }).segments[0]?.matches */
  preview(question: Question & { readonly csv: string }): Preview;
  /**
   * Reads a file of people, as a stream. It takes seconds for a million: call it in a worker. Rejects with an `Error` that has a `code`, such as
   * `EMPTY`, `SPREADSHEET`, `BINARY`, `OPEN_QUOTE` or `CANCELLED`, and a message with the remedy.
   *
   * @example (await studio.audience({ snapshot, trust, file })).count().segments[0]?.matches
   */
  audience(
    question: Omit<Question, 'context'> & {
      readonly file: Blob;
      readonly settings?: FileSettings;
      /** Told how many bytes and rows were read. */
      readonly progress?: (bytes: number, rows: number) => void;
      /** Stops it. */
      readonly signal?: AbortSignal;
    },
  ): Promise<Audience>;
  /** @example studio.population({ snapshot, trust, contexts }).count('cta-copy').bold */
  population(question: Omit<Question, 'context'> & { readonly contexts: readonly Context[] }): Population;
}
