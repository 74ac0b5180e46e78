/** Why a flag was not decided. */

import { type Code, type ErrorCode, textOf } from '../codes.js';
import type { Details } from '../types.js';

/** Details without a value. */
export type Undecided = Details<undefined>;

/** No decision, because of the flag. */
export function undecided(key: string, errorCode: ErrorCode, code: Code | ErrorCode = errorCode): Undecided {
  const flagKey = typeof key === 'string' ? key : '';
  return { flagKey, value: undefined, reason: 'ERROR', errorCode, errorMessage: textOf(code), flagMetadata: {} };
}

/** No decision, because no snapshot is active. */
export function nothing(key: string, code: Code | undefined): Undecided {
  const errorCode =
    !code || code === 'UNREACHABLE' || code === 'ENGINE_LATER' ? 'PROVIDER_NOT_READY' : code === 'GENERAL' ? code : 'PROVIDER_FATAL';
  return undecided(key, errorCode, code);
}
