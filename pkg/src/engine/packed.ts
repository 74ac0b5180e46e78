/**
 * A decision as the engine packs it, lowest bits first; crates/engine/src/packed.rs has the same constants, and a test compares them:
 *
 *     variant:8 | rule:8 | reason:4 | exposed:1 | wanted:1 | timed:1 | missing:6
 *
 * The reason is a number of `reasonOf`.
 */

/** The bits of a variant or a rule, which are indices. All of them: none. */
export const INDEX = 255;
/** Lowest bit of the rule, and of the reason. */
export const RULE = 8;
export const REASON = 16;
/** The decision makes exposures. */
export const EXPOSED = 1 << 20;
/** It asked for a list file that is not loaded. */
export const WANTED = 1 << 21;
/** Time alone could change it. */
export const TIMED = 1 << 22;
/** Lowest bit of the first unit that the context lacks. */
export const MISSING = 23;
/** None is missing. */
export const COMPLETE = 32 << MISSING;
