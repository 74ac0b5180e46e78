/** The closed codes, their numbers in the engine, and their texts. Codes are API; texts are not. */

/** Why a snapshot was not adopted, or why the client cannot decide, or not record. */
export type Code =
  | 'MALFORMED'
  | 'TOO_LARGE'
  | 'UNSUPPORTED_FORMAT'
  | 'UNSIGNED'
  | 'UNKNOWN_KEY'
  | 'BAD_SIGNATURE'
  | 'ROLE_MISSING'
  | 'WRONG_PROJECT'
  | 'WRONG_ENVIRONMENT'
  | 'ROLLED_BACK'
  | 'VERSION_CONFLICT'
  | 'VERSION_JUMP'
  | 'NOT_YET_VALID'
  | 'EXPIRED'
  | 'DIGEST_MISMATCH'
  | 'INVALID_TRUST'
  /** Nothing current vouches for the snapshot: the head is absent, has no pointer, or less than its pointer names. Of `waft/head`. */
  | 'HEAD_INCOMPLETE'
  /** The snapshot could not be fetched: network, status other than 2xx, redirect, or over 10 seconds. */
  | 'UNREACHABLE'
  /** The engine could not be fetched, did not match its SHA-384, or WebAssembly is not allowed. */
  | 'ENGINE_FAILED'
  /** The engine stopped twice on one snapshot, or the client was closed. */
  | 'GENERAL'
  /** `recorder` got options that cannot be followed, so nothing is recorded. Flags are decided. */
  | 'INVALID_EXPOSURES'
  /** An option is not made by the function that makes it, or no option has its name. Flags are decided without it. */
  | 'INVALID_OPTION'
  /** The browser compiles nothing of the engine's size while a page waits: `createClientSync` goes on without it, and `ready` follows. */
  | 'ENGINE_LATER';

/** What `error` events tell besides, of which flags know nothing; a client's own `status().code` is never one of these. */
export type Warning =
  /** Parts of an event cannot be sent and were left out, or it has no name and is none. */
  | 'INVALID_EVENT'
  /** A list file cannot be fetched, or is not what was signed: conditions that ask for it are unknown. */
  | 'LIST_UNREACHABLE'
  /** Of `waft/hydrate`, whose `status()` has it, too: the server's decisions are for another visitor, expired, or by rules older than this browser has seen. */
  | 'HYDRATION_MISMATCH';

/** Why a default was returned, in OpenFeature's words. But where a unit is missing, `TARGETING_KEY_MISSING`, rules say what is. */
export type ErrorCode =
  | 'PROVIDER_NOT_READY'
  | 'PROVIDER_FATAL'
  | 'FLAG_NOT_FOUND'
  | 'PARSE_ERROR'
  | 'TYPE_MISMATCH'
  | 'TARGETING_KEY_MISSING'
  | 'GENERAL';

/** Why a flag has its value, in OpenFeature's words. */
export type Reason = 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED' | 'ERROR' | 'STALE';

/** In the order of `waft::Code`'s numbers, which start at 1. Pure: entries that take a text from here do not bring them along. */
const CODES =
  /* @__PURE__ */ 'MALFORMED TOO_LARGE UNSUPPORTED_FORMAT UNSIGNED UNKNOWN_KEY BAD_SIGNATURE ROLE_MISSING WRONG_PROJECT WRONG_ENVIRONMENT ROLLED_BACK VERSION_CONFLICT VERSION_JUMP NOT_YET_VALID EXPIRED DIGEST_MISMATCH INVALID_TRUST'.split(
    ' ',
  ) as Code[];

/** The code of a number from the engine. */
export function codeOf(number: number): Code {
  return CODES[number - 1] ?? 'GENERAL';
}

/** A code, and where to read what to do: the remedies would be a tenth of the client, and are in `waft/debug`. */
export function textOf(code: Code | Warning | ErrorCode): string {
  return `${code}: see waft/README.md#codes`;
}

/** The reason of a number from the engine. */
export function reasonOf(number: number): Reason {
  return (['STATIC', 'DEFAULT', 'TARGETING_MATCH', 'SPLIT', 'DISABLED', 'ERROR', 'DISABLED'] as const)[number] ?? 'ERROR';
}
