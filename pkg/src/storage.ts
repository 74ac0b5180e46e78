/** The page's localStorage. The browser may refuse anything: then nothing is kept, and nothing is thrown. */

/** The value of a key, if it is there. */
export function get(key: string): string | undefined {
  try {
    return globalThis.localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a value; false if it is refused. */
export function set(key: string, value: string): boolean {
  try {
    globalThis.localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

/** Forgets a key. */
export function remove(key: string): void {
  try {
    globalThis.localStorage.removeItem(key);
  } catch {
    // Refused: it stays.
  }
}

/** All keys that start so. */
export function keys(start: string): string[] {
  try {
    const { localStorage } = globalThis;
    return Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '').filter((key) =>
      key.startsWith(start),
    );
  } catch {
    return [];
  }
}

/**
 * Runs work while no other tab runs work under this name, and tells it whether that is so: with `ifAvailable` it may not be.
 * Where locks are absent or refused it runs at once. Work does not throw.
 */
export async function locked(name: string, options: LockOptions, work: (held: boolean) => unknown): Promise<void> {
  let began = false;
  try {
    await globalThis.navigator.locks.request(name, options, (lock) => {
      began = true;
      return work(!!lock);
    });
  } catch {
    if (!began) await work(true);
  }
}
