/** The options of a recorder, of which a page may get any wrong: one that cannot be followed is told, and nothing is recorded. */

import { attempt } from '../platform/attempt.js';
import { isUrl } from '../platform/realm.js';
import type { Consent, ExposureOptions } from '../types.js';
import { isName } from './ids.js';

/** Which values each option may have. */
const VALID: Readonly<Record<keyof ExposureOptions, (value: unknown) => boolean>> = {
  endpoint: canSend,
  consent: () => true,
  mode: (mode) => isOneOf(mode, 'reads', 'manual', undefined, null),
  robot: (robot) => isOneOf(robot, true, false, undefined, null),
  unitKey: isName,
};

/** What is wrong with the options; `consent`, which may change, aside. */
export function wrongOption(options: ExposureOptions): string | undefined {
  // A misspelt `consent` would record whom nobody has asked.
  const names = ['endpoint', ...Object.keys(options)];
  const wrong = names.find((name) => {
    const value = options[name as keyof ExposureOptions];
    return Object.hasOwn(VALID, name) ? !VALID[name as keyof ExposureOptions](value) : value !== undefined;
  });
  return wrong === undefined || Object.hasOwn(VALID, wrong) ? wrong : `unknown option ${wrong}`;
}

/** Whether it is an answer that visitors may give; without one, it is `granted`. */
export function isConsent(consent: unknown): consent is Consent | undefined {
  return isOneOf(consent, 'granted', 'pending', 'denied', undefined);
}

function isOneOf(option: unknown, ...known: unknown[]): boolean {
  return known.includes(option);
}

/** Whether requests can go there: a URL, or a path where a page has one, that `fetch` takes. */
function canSend(endpoint: unknown): boolean {
  return !!attempt(() => {
    if (!endpoint || !isUrl(endpoint)) return false;
    const { protocol, username, password } = new URL(endpoint, globalThis.document?.baseURI ?? globalThis.location?.href);
    return /^https?:$/.test(protocol) && !username && !password;
  });
}
