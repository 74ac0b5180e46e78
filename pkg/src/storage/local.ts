/** The page's localStorage. The browser may refuse it: then nothing is kept, and nothing is thrown. */

import { attempt } from '../platform/attempt.js';

/** A key for what is kept of a scope: names that hold `/` are told from more names without. */
export function keyOf(what: string, ...names: unknown[]): string {
  return `waft:${what}:${names.map((name) => String(name).replace(/[%/]/g, encodeURIComponent)).join('/')}`;
}

/** The value of a key; empty if there is none. In Node there is no storage: an exception would cost 50 us. */
export function get(key: string): string {
  return attempt(() => globalThis.localStorage?.getItem(key)) ?? '';
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
