/** What this browser keeps for the studio in IndexedDB: keys, which no script can read out, and the folder that is open. Clearing the site's data deletes it. */

const NAME = 'waft-studio-kept';
const STORES = ['key', 'folder'] as const;
export type Store = (typeof STORES)[number];

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const store of STORES) request.result.createObjectStore(store);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('another tab keeps the storage open'));
  });
}

async function within<T>(store: Store, mode: IDBTransactionMode, step: (objects: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opened = await database();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = opened.transaction(store, mode);
      const request = step(transaction.objectStore(store));
      // Once it is written, not once it is asked for.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser did not keep it'));
    });
  } finally {
    opened.close();
  }
}

/** What is kept under a name. A browser that refuses storage keeps nothing. */
export async function kept<T>(store: Store, name: string): Promise<T | undefined> {
  try {
    return (await within(store, 'readonly', (objects) => objects.get(name))) as T | undefined;
  } catch {
    return undefined;
  }
}

/** All that is kept. */
export async function allKept<T>(store: Store): Promise<readonly T[]> {
  try {
    return (await within(store, 'readonly', (objects) => objects.getAll())) as T[];
  } catch {
    return [];
  }
}

/** Rejects where the browser refuses. */
export const keep = (store: Store, name: string, value: unknown): Promise<unknown> =>
  within(store, 'readwrite', (objects) => objects.put(value, name));

/**
 * Changes what is kept by what is kept by then, which another tab may have changed: `how` says what is kept under which name, and `undefined` is
 * forgotten. All of it, or nothing. Rejects where the browser refuses.
 */
export const alter = <T>(store: Store, how: (all: readonly T[]) => readonly (readonly [string, T | undefined])[]): Promise<unknown> =>
  within<T[]>(store, 'readwrite', (objects) => {
    const request = objects.getAll() as IDBRequest<T[]>;
    request.onsuccess = () => {
      for (const [name, value] of how(request.result)) value === undefined ? objects.delete(name) : objects.put(value, name);
    };
    return request;
  });
