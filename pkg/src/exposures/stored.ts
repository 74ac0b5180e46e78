/** Records as they are found in storage, where others may write, too. */

import { RECORD_LENGTH } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { kindOf } from '../platform/realm.js';
import type { Rec } from './otlp.js';

/**
 * The records in a value; none if it is no text of some. Others may write under our keys, and a collector may refuse a whole request
 * for one of its records: what is none of ours is left out.
 */
export function recordsIn(value: unknown): Rec[] {
  return attempt(() => (JSON.parse(value as string) as unknown[]).filter(isRecord)) ?? [];
}

function isRecord(value: unknown): value is Rec {
  return !!attempt(() => {
    const { project, event, time, attributes } = value as Rec;
    const values = Object.values(attributes);
    return (
      typeof project === 'string' &&
      (event === 'feature_flag.evaluation' || event === 'waft.track') &&
      Number.isSafeInteger(time) &&
      time > 0 &&
      kindOf(attributes) === 'Object' &&
      values.length > 0 &&
      values.every((value) => typeof value === 'string' || Number.isFinite(value)) &&
      JSON.stringify(value).length <= RECORD_LENGTH
    );
  });
}
