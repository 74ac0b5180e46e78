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

/** What a record has, copied; nothing of what is none, or throws. */
export function membersOf<T>(given: T | undefined): Partial<T> {
  return attempt(() => isRecord(given) && { ...given }) || {};
}

/**
 * Whether something may have members that somebody named, or is `null`. A text, a list and bytes have one for each character, item and byte: to
 * copy millions held a page up for up to a minute. Throws what a page's own object throws.
 */
export function isRecord<T>(value: T): value is T & object {
  return typeof value === 'object' && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
