/** Whatever may never come has a deadline, and no task is long. */

/** How long a module, a lock, a database, a request with its answer may take, in milliseconds. */
export const DEADLINE = 10_000;

/** How long rules are waited for, in milliseconds. */
export const TIMEOUT = 2_000;

/** The longest delay of a timer, in milliseconds. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Does something after a delay in milliseconds, or after the longest one. In Node a timer would keep the process. */
export function later(work: () => void, delay: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(work, Math.min(delay, LONGEST_DELAY));
  (timer as { unref?(): void }).unref?.();
  return timer;
}

/** What is promised, if it comes in time; rejects if it does not. */
export async function inTime<T>(promise: PromiseLike<T>, deadline: number = DEADLINE): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(reject, Math.min(deadline, LONGEST_DELAY))));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** How long work may have taken before what follows is another task, in milliseconds: with what follows, a task is at most a long one. */
const LONG = 10;

/**
 * Ends the task if work since then was long, so that the browser shows and hears what waits, and goes on ahead of other scripts; in browsers that
 * cannot, at once. What a client starts with takes a phone 100 ms in a first page view. In the next one code is compiled and work is short, and
 * would wait for the browser's own: 12 ms.
 */
export function rest(since: number): Promise<void> | false | undefined {
  return Date.now() - since > LONG && (globalThis as { scheduler?: { yield?(): Promise<void> } }).scheduler?.yield?.();
}
