/** The closed codes, their numbers in the engine, and their texts. Codes are API; texts are not. */

/** Why a snapshot was not adopted, or why the client cannot decide. */
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
  /** The snapshot could not be fetched: network, status other than 2xx, redirect, or over 10 seconds. */
  | 'UNREACHABLE'
  /** The engine could not be fetched, did not match its SHA-384, or WebAssembly is not allowed. */
  | 'ENGINE_FAILED'
  /** The engine stopped twice on one snapshot, or the client was closed. */
  | 'GENERAL';

/** Why a default was answered, in OpenFeature's words. */
export type ErrorCode =
  | 'PROVIDER_NOT_READY'
  | 'PROVIDER_FATAL'
  | 'FLAG_NOT_FOUND'
  | 'PARSE_ERROR'
  | 'TYPE_MISMATCH'
  | 'GENERAL';

/** Why a flag has its value, in OpenFeature's words. */
export type Reason = 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED' | 'ERROR' | 'STALE';

/** In the order of `waft::Code`'s numbers, which start at 1. */
const TEXTS: Record<Code, string> = {
  MALFORMED: 'not a snapshot, or damaged: build and sign it again',
  TOO_LARGE: 'over 64 MiB',
  UNSUPPORTED_FORMAT: 'newer than this engine: update the waft package',
  UNSIGNED: 'not signed: run waft sign',
  UNKNOWN_KEY: 'signed only by keys that trust does not list',
  BAD_SIGNATURE: 'altered after it was signed',
  ROLE_MISSING: 'lacks a signature in a role that trust requires',
  WRONG_PROJECT: 'of another project than trust names',
  WRONG_ENVIRONMENT: 'of another environment than trust names',
  ROLLED_BACK: 'older than one seen before, or than trust.minVersion',
  VERSION_CONFLICT: 'other contents were seen under this version: release a higher one',
  VERSION_JUMP: 'its version is too far above the highest seen',
  NOT_YET_VALID: 'its time has not come: check the clock',
  EXPIRED: 'its time has passed: release a new one',
  DIGEST_MISMATCH: 'its body is not the one that was signed',
  INVALID_TRUST: 'trust cannot be read, or requires nothing: see TRUST.json',
  UNREACHABLE: 'could not be fetched: check its URL',
  ENGINE_FAILED: 'the engine did not load: check its URL and that the policy allows wasm',
  GENERAL: 'the engine stopped',
};

/** What an error code means where no {@link Code} says more. */
export const MESSAGES: Record<ErrorCode, string> = {
  PROVIDER_NOT_READY: 'no snapshot is in force',
  PROVIDER_FATAL: 'no snapshot is in force',
  FLAG_NOT_FOUND: 'the snapshot has no such flag',
  PARSE_ERROR: 'the flag cannot be read',
  TYPE_MISMATCH: 'the flag has values of another type',
  GENERAL: 'the engine stopped',
};

/** The code of a number from the engine. */
export function codeOf(number: number): Code {
  return (Object.keys(TEXTS) as Code[])[number - 1] ?? 'GENERAL';
}

/** What a code means, and what to do about it. */
export function textOf(code: Code): string {
  return `${code}: ${TEXTS[code]}`;
}

/** The reason of a number from the engine. */
export function reasonOf(number: number): Reason {
  return (['STATIC', 'DEFAULT', 'TARGETING_MATCH', 'SPLIT', 'DISABLED'] as const)[number] ?? 'ERROR';
}
