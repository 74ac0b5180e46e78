/** The file of people that somebody asked this browser to keep: one, in IndexedDB. Otherwise nothing is kept. */

import type { Choices } from '../engine/types.js';

const NAME = 'waft-studio-people';
const STORE = 'file';
const KEY = 'kept';

interface Kept {
  readonly file: File;
  readonly choices: Choices;
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the database refused'));
  });

async function inStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    const transaction = database.transaction(STORE, mode);
    // Before it has ended, a page that is closed takes it back.
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the database refused'));
    });
    const [result] = await Promise.all([settled(work(transaction.objectStore(STORE))), ended]);
    return result;
  } finally {
    database.close();
  }
}

export async function keepFile(file: File, choices: Choices): Promise<void> {
  await inStore('readwrite', (store) => store.put({ file, choices } satisfies Kept, KEY));
}

/** Nothing is left of it, not even an empty database. */
export async function forgetFile(): Promise<void> {
  await settled(indexedDB.deleteDatabase(NAME));
}

export async function keptFile(): Promise<Kept | undefined> {
  try {
    const all = await indexedDB.databases();
    if (!all.some(({ name }) => name === NAME)) return undefined;
    return (await inStore('readonly', (store) => store.get(KEY) as IDBRequest<Kept | undefined>)) ?? undefined;
  } catch {
    // No storage: nothing was kept.
    return undefined;
  }
}
