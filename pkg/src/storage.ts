/** The page's localStorage and locks. The browser may refuse them: then nothing is kept, and nothing is thrown. */

import { attempt } from './attempt.js';
import { DEADLINE } from './deadline.js';

/** A key for what is kept of a scope: names that hold `/` are told from more names without. */
export function keyOf(what: string, ...names: unknown[]): string {
  return `waft:${what}:${names.map((name) => String(name).replace(/[%/]/g, encodeURIComponent)).join('/')}`;
}

/** The value of a key; empty if there is none. */
export function get(key: string): string {
  return attempt(() => globalThis.localStorage.getItem(key)) ?? '';
}

/** Keeps a value; false if it is refused. */
export function set(key: string, value: string): boolean {
  return !!attempt(() => {
    globalThis.localStorage.setItem(key, value);
    return true;
  });
}

/** Forgets a key. */
export function remove(key: string): void {
  attempt(() => globalThis.localStorage.removeItem(key));
}

/** All keys that start so. */
export function keys(start: string): string[] {
  const all = attempt(() => {
    const { localStorage } = globalThis;
    return Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '');
  });
  return (all ?? []).filter((key) => key.startsWith(start));
}

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
    await globalThis.navigator.locks.request(name, options.ifAvailable ? options : { ...options, signal: late.signal }, (lock) => begin(!!lock));
  } catch {
    if (!began) await begin(true);
  }
}
