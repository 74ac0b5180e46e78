/** The keys that are at hand, one for each role: those that this browser keeps, and those that were read from files for as long as the page is open. */

import { useSyncExternalStore } from 'react';
import type { Key, Role } from './key.js';
import { allKept, forget, keep } from './store.js';

export type Keys = Readonly<Partial<Record<Role, Key>>>;

let keys: Keys = {};
let isLoaded = false;
const watchers = new Set<() => void>();

function set(next: Keys): void {
  keys = next;
  for (const watcher of watchers) watcher();
}

/** What this browser keeps is read once, when somebody looks. */
async function load(): Promise<void> {
  isLoaded = true;
  const all = await allKept<Key>('key');
  set({ ...Object.fromEntries(all.map((key) => [key.role, key])), ...keys });
}

const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  if (!isLoaded) void load();
  return () => watchers.delete(watcher);
};

export const useKeys = (): Keys => useSyncExternalStore(watch, () => keys);

/** Takes a key that was read from a file. */
export const take = (key: Key): void => set({ ...keys, [key.role]: key });

/** Keeps a key in this browser, in place of another of its role. */
export async function enrol(key: Key): Promise<void> {
  await keep('key', key.role, key);
  take(key);
  // A browser that runs out of room clears what it was not asked to keep. It may refuse, and Firefox asks its user first.
  void navigator.storage?.persist?.().catch(() => false);
}

/** Removes a key from this browser, or from this page. */
export async function drop(role: Role): Promise<void> {
  if (keys[role]?.isKept) await forget('key', role);
  const { [role]: _gone, ...others } = keys;
  set(others);
}
