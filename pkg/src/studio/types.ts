/** What the studio is asked and answers. Apart from the studio, which is an ES module alone: CommonJS has these types too. */

import type { Code } from '../codes.js';
import type { Explanation, SegmentStory } from '../explanation.js';
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
  /** @example studio.population({ snapshot, trust, contexts }).count('cta-copy').bold */
  population(question: Omit<Question, 'context'> & { readonly contexts: readonly Context[] }): Population;
}
