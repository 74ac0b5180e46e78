/** A flag as it was last decided. */

import type { Details } from '../types.js';
import { NOTHING, type Variant } from './variant.js';

/** A flag of the active snapshot, and what it last evaluated to. Made when first read; its variants are parsed when first met. */
export interface Flag {
  readonly index: number;
  /** Its first two variants, which are all that most have: an array takes 24 bytes more. */
  first: Variant | undefined;
  second: Variant | undefined;
  /** For which context and rules it was decided: what was decided before is of no more use. */
  turn: number;
  /** As the engine packs it. */
  packed: number;
  variant: Variant;
  /** In milliseconds since 1970; `undefined` if time will not change it before the snapshot expires. */
  until: number | undefined;
  /** Whether a read has nothing left to record. */
  recorded: boolean;
  /** Made when asked for, of what was packed then: nobody can guess whether the next context changes it, a processor neither. */
  details: Details<unknown> | undefined;
  detailed: number;
}

/** A flag that is not decided yet. */
export function flagOf(index: number): Flag {
  const none = undefined;
  // One literal: objects that are put together of others take 20 bytes more.
  return {
    index,
    first: none,
    second: none,
    turn: -1,
    packed: 0,
    variant: NOTHING,
    until: none,
    recorded: false,
    details: none,
    detailed: -1,
  };
}
