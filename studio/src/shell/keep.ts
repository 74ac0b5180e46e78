/**
 * Drafts survive a reload: the rules that are open, and the draft, are kept in this browser. People never are, unless somebody asks for it
 * (src/people).
 */

import { current, type Rules, resume, watch } from './session.js';

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
      if (rules) localStorage.setItem(KEY, JSON.stringify(rules));
      else localStorage.removeItem(KEY);
    } catch {
      if (!hasFailed) failed();
      hasFailed = true;
    }
  };
  watch(() => {
    timer ??= setTimeout(write, PAUSE);
  });
  addEventListener('pagehide', () => timer !== undefined && write());
}
