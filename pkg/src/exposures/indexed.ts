/** The shelf of workers and service workers, which have no localStorage: IndexedDB. */

import { inTime } from '../platform/deadline.js';
import type { ExposureStatus } from '../types.js';
import type { Shelf } from './shelf.js';

const DATABASE = 'waft';
const STORE = 'records';
/**
 * How long the database may take to open, and a transaction to complete, in milliseconds: the one never does where another version of it is
 * held open, the other where another page's transaction is. Nobody waits for longer.
 */
const DEADLINE = 5_000;

/** IndexedDB: a text is kept when its transaction is complete, some milliseconds after `set`. Transactions keep their order. */
export class IndexedShelf implements Shelf {
  readonly name = 'indexed';
  #database: Promise<IDBDatabase> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  storage: ExposureStatus['storage'] = 'memory';

  set(key: string, text: string): void {
    this.#last = this.#use('readwrite', (store) => store.put(text, key));
  }

  remove(key: string): void {
    this.#last = this.#use('readwrite', (store) => store.delete(key));
  }

  async entries(start: string): Promise<[string, unknown][]> {
    let keys: IDBRequest<IDBValidKey[]> | undefined;
    const values = await this.#use('readonly', (store) => {
      const range = IDBKeyRange.bound(start, `${start}\uffff`);
      keys = store.getAllKeys(range);
      return store.getAll(range);
    });
    return keys && values ? keys.result.map((key, index) => [String(key), values[index]]) : [];
  }

  settled(): Promise<unknown> {
    return this.#last;
  }

  /** The result of a request, once its transaction is complete; `undefined` if it is refused. */
  async #use<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
    try {
      const database = await (this.#database ??= open(() => (this.#database = undefined)));
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = reject;
      });
      await inTime(done, DEADLINE);
      this.storage = 'indexedDB';
      return request.result;
    } catch {
      this.storage = 'memory';
      return undefined;
    }
  }
}

/** Opens the database. `onClose` is called when the browser closes it, or somebody wants to delete it: it may be opened anew. */
function open(onClose: () => void): Promise<IDBDatabase> {
  const opened = new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(DATABASE);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onerror = reject;
    request.onsuccess = () => {
      const { result } = request;
      result.onclose = onClose;
      result.onversionchange = () => {
        result.close();
        onClose();
      };
      resolve(result);
    };
  });
  const opening = inTime(opened, DEADLINE);
  // The next text asks for it anew.
  opening.catch(onClose);
  return opening;
}
