/** Locks between tabs. The browser may have none, or refuse them: then work is done without. */

import { DEADLINE } from '../platform/deadline.js';

/**
 * Runs work while no other tab runs work under this name, and tells it whether that is so: with `ifAvailable` it may not be.
 * Where locks are absent or refused it runs at once, where another tab does not let go of one, after ten seconds. Work does not throw.
 */
export async function locked(name: string, options: LockOptions, work: (held: boolean) => unknown): Promise<void> {
  let began = false;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), DEADLINE);
  // The deadline is for the lock, and not for the work, which may take longer.
  const begin = (held: boolean): unknown => {
    began = true;
    clearTimeout(timer);
    return work(held);
  };
  try {
    await globalThis.navigator.locks.request(name, options.ifAvailable ? options : { ...options, signal: late.signal }, (lock) =>
      begin(!!lock),
    );
  } catch {
    if (!began) await begin(true);
  }
}
