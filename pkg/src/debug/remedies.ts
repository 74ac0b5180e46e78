/** What to do about each code, and about each cause that is known. */

import type { Code, Warning } from '../codes.js';
import type { ClientEvents } from '../types.js';

const PUBLISH = 'the snapshot was damaged or altered in transit: publish it again, and check who serves it';
const SIGN = 'sign it with the keys, and in the roles, that trust.require lists: waft sign';
const SCOPE = 'serve the snapshot that was built for the project and environment of this trust';
const VERSION = 'release a higher version; never serve another snapshot under an old number';
const TIME = "release a new snapshot, and check the device's clock";

const REMEDIES: Readonly<Record<Code | Warning, string>> = {
  MALFORMED: PUBLISH,
  DIGEST_MISMATCH: PUBLISH,
  BAD_SIGNATURE: PUBLISH,
  UNSIGNED: SIGN,
  UNKNOWN_KEY: SIGN,
  ROLE_MISSING: SIGN,
  WRONG_PROJECT: SCOPE,
  WRONG_ENVIRONMENT: SCOPE,
  ROLLED_BACK: VERSION,
  VERSION_CONFLICT: VERSION,
  VERSION_JUMP: VERSION,
  NOT_YET_VALID: TIME,
  EXPIRED: TIME,
  UNSUPPORTED_FORMAT: 'update this package',
  TOO_LARGE: 'split the ruleset, or make a preview token of at most 30 days',
  INVALID_TRUST: 'correct the trust: each requirement needs as many keys as atLeast, and no key is listed in two',
  HEAD_INCOMPLETE: 'put head.waft beside the snapshot, and sign a pointer anew: waft head refresh',
  UNREACHABLE: 'check the URL: an answer within 10 seconds, without redirects',
  ENGINE_FAILED: "check that the engine's bytes are this package's, and that WebAssembly is allowed",
  GENERAL: 'the client was closed, or the engine stopped twice on this snapshot: please report it',
  INVALID_EXPOSURES: 'nothing is recorded: correct the option that the message names',
  ENGINE_LATER: 'nothing, or createClient: this browser compiles the engine beside the page, and `ready` follows',
  INVALID_OPTION: 'pass what the function of that name makes, or correct the name',
  INVALID_EVENT: 'correct what the message names: it was left out of the event',
  LIST_UNREACHABLE: 'put the list file beside the snapshot, as waft build wrote it',
  HYDRATION_MISMATCH:
    'hand hydrate the context that the server decided for, and cache no page of a visitor: what the server decided was ignored',
};

/** What to do about an error. */
export function remedyOf({ code, url = '', httpStatus, cause, message }: ClientEvents['error']): string {
  const text = String(cause);
  if (/trust-\d+\.waft$/.test(url)) {
    return code === 'UNREACHABLE'
      ? 'publish the trust document that the pointer names: waft publish --trust-documents'
      : 'pages take no trust document that does not follow the one before it: waft trust verify TRUST.json trust-*.waft';
  }
  if (code === 'INVALID_OPTION' && message.endsWith('head.documents')) {
    return "the trust has `root`, whose trust documents this page would not follow: head({ documents: () => import('waft/documents') }), or false if that is meant";
  }
  if (code === 'UNREACHABLE' && httpStatus) return `the server answered ${httpStatus}: check the path, and who may read it`;
  if (code === 'MALFORMED' && text.startsWith('text/html')) {
    return 'the server sent HTML, as single-page applications do for a path that does not exist: serve the snapshot there';
  }
  // In the words of V8 and Safari, and of Firefox.
  if (code === 'ENGINE_FAILED' && /unsafe-eval|disallowed|content security|by CSP/i.test(text)) {
    return "the content security policy refuses WebAssembly: add 'wasm-unsafe-eval' to script-src, or pass fallback: () => import('waft/compat')";
  }
  // In the words of V8, Firefox and Safari.
  if (code === 'ENGINE_FAILED' && /magic word|magic number|start with/i.test(text)) {
    return 'what was to be the engine is no WebAssembly: a script that is no module is read in the charset of its page, which <meta charset="utf-8"> says; of waft/lean, an error page may lie at the URL of the engine: serve waft/engine.wasm there';
  }
  // A newer client may have newer codes.
  return REMEDIES[code] ?? message;
}
