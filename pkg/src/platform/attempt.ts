/** Returns what work returns, or `undefined` if it throws: the browser, and a page's objects, may refuse anything. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** What a thrown value says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What an object has, copied; nothing of what is none, or throws. A text has its characters, which are millions in a long one. */
export function membersOf<T>(given: T | undefined): Partial<T> {
  return (typeof given === 'object' && attempt(() => ({ ...given }))) || {};
}
