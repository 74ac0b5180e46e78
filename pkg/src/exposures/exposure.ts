/** Exposures as the engine tells them, and the units of a context: what is recorded of a decision. */

import { attributeOf } from '../engine/context.js';
import type { Rules } from '../engine/engine.js';
import { UNIT_BYTES } from '../limits.js';
import { utf8 } from '../platform/bytes.js';
import { timeOf } from '../platform/realm.js';
import type { Context, Exposure } from '../types.js';

/** What a decision exposes. */
export type Exposed = Omit<Exposure, 'flagKey'> & {
  /** Under which id the variant is to be remembered; empty if it is not. */
  readonly sticky: string;
};

type Lines = [string, string, string, string, string, string, string, string, ...string[]];

/** An exposure from the engine's text: a line for each part, and last the unit, which may hold line's ends. */
export function readExposure(text: string): Exposed {
  const [id, experiment, phase, point, unitKind, variant, rule, sticky, ...unit] = text.split('\n') as Lines;
  return { id, experiment, phase: +phase, point: +point, unitKind, variant, rule, sticky, unit: unit.join('\n') };
}

/** The same text again, of an exposure that nobody has to remember. */
export function writeExposure({ id, experiment, phase, point, unitKind, variant, rule, unit }: Omit<Exposed, 'sticky'>): string {
  return [id, experiment, phase, point, unitKind, variant, rule, '', unit].join('\n');
}

/** Every unit that a context knows, by name. */
export function unitsOf(context: Context, { attributes, units }: Rules): [string, string][] {
  return units.flatMap((name, at): [string, string][] => {
    const unit = at % 2 ? undefined : unitOf(attributeOf(context, attributes[Number(units[at + 1])] ?? ''));
    return unit === undefined ? [] : [[name, unit]];
  });
}

/**
 * A unit as it is randomised (`Subject::unit`): a string of 1 to 1,024 bytes, or an integer below 2^53 in decimal; a date is its
 * milliseconds, as to the engine.
 */
function unitOf(value: unknown): string | undefined {
  if (typeof value === 'object') value = timeOf(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === 'string' && value && utf8(value).length <= UNIT_BYTES ? value : undefined;
}
