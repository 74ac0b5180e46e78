/** What a server writes into a page, and the page reads. */

import type { Reason } from './codes.js';
import type { Exposure, Snapshot } from './types.js';

/** As JSON. Pages of one deploy may read what a server of another wrote: members are only added. */
export interface Served {
  /** The rules that decided; absent if the server had none. */
  readonly snapshot?: Snapshot | undefined;
  /** Until when a page may start from it, in milliseconds since 1970. */
  readonly latest: number;
  /** The names of the attributes that the page must have with the same values, and a digest of names and values. */
  readonly same: readonly string[];
  readonly digest: string;
  /** The kinds of units, each with its attribute; and the unit, if the attribute is one of these. */
  readonly unitIds: readonly (readonly [name: string, attribute: string, unit: string | null])[];
  readonly flags: Readonly<Record<string, ServedFlag>>;
  /** The keys of flags that the server left to the page: they depend on what only the page knows. */
  readonly undecided: readonly string[];
  /** The keys of flags whose values the server wrote into the HTML itself. */
  readonly read: readonly string[];
  /** The snapshot's bytes as base64, where the server was told to write them into the page. */
  readonly bytes?: string | undefined;
}

/** A flag as a server decided it. */
export interface ServedFlag {
  readonly value: unknown;
  readonly variant: string | undefined;
  readonly reason: Reason;
  /** What showing it exposes; absent where that is for the page to find out. */
  readonly exposures?: readonly ServedExposure[] | undefined;
  /** It is on the kill list that the server has. */
  readonly killed?: true | undefined;
}

/** An exposure, and what it is told apart by: of segments what they are, and the names of attributes, whose values are the page's to know. */
export interface ServedExposure extends Omit<Exposure, 'flagKey'> {
  readonly told?: Readonly<Record<string, unknown>>;
}

/** What a flag may depend on: `flagNeeds` of `waft/rules` lists it. */
export interface FlagNeeds {
  /** The names of attributes, units included. */
  readonly attributes: readonly string[];
  /** Whether a unit keeps what it was given: only its browser knows that. */
  readonly sticky: boolean;
}
