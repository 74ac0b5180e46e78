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
  /** The id that was randomised, as the context has it. */
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
  /** As the ruleset calls it, or `requires`, `targets` or `holdout`. */
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
  /** The holdout that it takes units into. */
  readonly holdout?: TrialStory;
  /** The experiment that it takes units into. */
  readonly experiment?: TrialStory;
  /** The ramp that it takes units into. */
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
  /** What its exposures call it: an experiment's or a holdout's name, or `flag/rule` of a ramp. */
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
  /** As the ruleset calls it. */
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

/** A number of percent, with at most four decimals. */
export type Percent = number;

/** True, false, or null for unknown. */
export type Tristate = boolean | null;

/** Any JSON: the value of a variant or an attribute. */
export type Value = unknown;
