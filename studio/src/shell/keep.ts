/**
 * Drafts survive a reload: the rules that are open, and the draft, are kept in this browser. People never are, unless somebody asks for it
 * (src/people): neither are the lists that came with rules, but for those of the sample, who are invented.
 */

import { current, type Rules, resume, rulesOnly, watch } from './session.js';

const KEY = 'waft-studio.draft';
const PAUSE = 250; // milliseconds, so that typing writes once

/** Takes up what was kept. True if there was something. */
export function restore(): boolean {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Rules | null;
    if (!kept || typeof kept.files !== 'object' || typeof kept.base !== 'object' || typeof kept.source?.kind !== 'string') return false;
    resume(kept);
    return true;
  } catch {
    // Not JSON, or no storage: the page begins anew.
    return false;
  }
}

/** Keeps each change from now on. `failed` is told once if this browser does not keep it. */
export function keep(failed: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hasFailed = false;
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const rules = current();
    try {
      if (rules) localStorage.setItem(KEY, JSON.stringify(withoutPeople(rules)));
      else localStorage.removeItem(KEY);
    } catch {
      // An earlier draft would come back in place of this one.
      forget();
      if (!hasFailed) failed();
      hasFailed = true;
    }
  };
  watch(() => {
    timer ??= setTimeout(write, PAUSE);
  });
  addEventListener('pagehide', () => timer !== undefined && write());
}

const withoutPeople = (rules: Rules): Rules =>
  rules.source.kind === 'sample' ? rules : { ...rules, base: rulesOnly(rules.base), files: rulesOnly(rules.files) };

function forget(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // No storage: nothing is kept.
  }
}
