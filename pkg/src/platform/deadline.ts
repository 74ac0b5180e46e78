/** Whatever may never come has a deadline, and no task is long. */

/** How long a module, a lock, a database, a request with its answer may take, in milliseconds. */
export const DEADLINE = 10_000;

/** The longest delay of a timer, in milliseconds. */
export const LONGEST_DELAY = 2 ** 31 - 1;

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

/**
 * Ends the task, so that the browser shows and hears what waits, and goes on ahead of other scripts; in browsers that cannot, at once. What a
 * client starts with takes a phone 100 ms.
 */
export function rest(): Promise<void> | undefined {
  return (globalThis as { scheduler?: { yield?(): Promise<void> } }).scheduler?.yield?.();
}
