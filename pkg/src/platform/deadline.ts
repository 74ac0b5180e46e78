/** Whatever may never come has a deadline. */

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
