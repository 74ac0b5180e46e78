/** Returns what work returns, or `undefined` if it throws: the browser, and a page's objects, may refuse anything. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
