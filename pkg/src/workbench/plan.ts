/** A plan: how long a trial takes, or what it can find. */

/** What is known of a trial, and what is asked; what is not known is left out. */
export interface PlanQuestion {
  /** New units a day that could enter. */
  readonly eligible?: number;
  /** What lets in a share of them: the layer's ranges, coverage, what no holdout keeps; each above 0 and at most 1. */
  readonly parts: readonly number[];
  /** Whether the metric is a conversion rate. */
  readonly isRate: boolean;
  /** The rate, or the mean of one unit, as it is today. */
  readonly baseline?: number;
  /** The standard deviation of one unit, of what is no rate. */
  readonly deviation?: number;
  /** Days after which a unit counts. */
  readonly windowDays: number;
  /** The shares of the variants, the control first. */
  readonly weights: readonly number[];
  /** How many primary metrics share alpha. */
  readonly primaryMetrics: number;
  readonly alpha: number;
  readonly power: number;
  /** Days before which no winner is named. */
  readonly atLeastDays: number;
  /** Units that a plan has already. */
  readonly units?: number;
  /** The smallest relative effect that matters. */
  readonly detect?: number;
  /** For how many days it may run, at most 730. */
  readonly days?: number;
}

/** What is planned. Nothing is guessed: where anything is needed, there are no figures. */
export interface PlanAnswer {
  /** What is missing, in words: `eligible units a day`. */
  readonly needs: readonly string[];
  /** Units that enter on a day. */
  readonly perDay?: number;
  /** Until the effect is found; absent where that takes more than two years. */
  readonly days?: number;
  /** Units of all variants by then. */
  readonly units?: number;
  /** What is found in the days that it may run; absent where nothing is. */
  readonly detectable?: number;
  /** What is found sooner and later. */
  readonly curve?: readonly { readonly day: number; readonly units: number; readonly detectable: number | null }[];
}
