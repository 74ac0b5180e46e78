/**
 * The keys that are at hand: those that this browser keeps, and those that were read from files for as long as the page is open. Of each role one signs.
 * No key takes the place of another without a word: one that is made while another is kept stands beside it, until somebody or the trust says otherwise.
 */

import { useSyncExternalStore } from 'react';
import type { Key, Role } from './key.js';
import { allKept, keepAll, keepNew } from './store.js';

/** By role, the one that signs. */
export type Keys = Readonly<Partial<Record<Role, Key>>>;

interface State {
  readonly kept: readonly Key[];
  readonly read: Keys;
  /** Those that sign: of a role, one that was read comes before one that is kept. */
  readonly signing: Keys;
  readonly all: readonly Key[];
}

let state: State = { kept: [], read: {}, signing: {}, all: [] };
let isLoaded = false;
const watchers = new Set<() => void>();

function set(kept: readonly Key[], read: Keys): void {
  const own = Object.fromEntries(kept.filter(({ isBeside }) => !isBeside).map((key) => [key.role, key]));
  state = { kept, read, signing: { ...own, ...read }, all: [...kept, ...Object.values(read)] };
  for (const watcher of watchers) watcher();
}

/** What this browser keeps: another tab may have changed it. */
async function load(): Promise<void> {
  isLoaded = true;
  set(await allKept<Key>('key'), state.read);
}

const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  if (!isLoaded) void load();
  return () => watchers.delete(watcher);
};

export const useKeys = (): Keys => useSyncExternalStore(watch, () => state.signing);
/** All of them, those beside others, too. */
export const useAllKeys = (): readonly Key[] => useSyncExternalStore(watch, () => state.all);

/** Takes a key that was read from a file. One that is kept stays, and signs again once this one is put away. */
export const take = (key: Key): void => set(state.kept, { ...state.read, [key.role]: key });

/** Where it is kept: the one that signs by its role, others by their ids, too. */
const nameOf = ({ role, kid, isBeside }: Key): string => (isBeside ? `${role} ${kid}` : role);
const beside = (key: Key): Key => ({ ...key, isBeside: true });

/** Keeps a key in this browser: it signs, or stands beside the one that does. Returns which. */
export async function enrol(key: Key): Promise<'signs' | 'beside'> {
  // Another tab may keep one that this page has not seen: the browser says whether it does.
  const isFirst = await keepNew('key', key.role, key);
  if (!isFirst) await keepAll('key', [[nameOf(beside(key)), beside(key)]]);
  await load();
  // A browser that runs out of room clears what it was not asked to keep. It may refuse, and Firefox asks its user first.
  void navigator.storage?.persist?.().catch(() => false);
  return isFirst ? 'signs' : 'beside';
}

/** Signs with a kept key from now on. The one that did stands beside it. */
export async function signWith(key: Key): Promise<void> {
  await load();
  const before = state.kept.find(({ role, isBeside }) => role === key.role && !isBeside);
  if (before?.kid === key.kid) return;
  const { isBeside: _, ...signs } = key;
  const stays: [string, unknown][] = before ? [[nameOf(beside(before)), beside(before)]] : [];
  await keepAll('key', [...stays, [nameOf(signs), signs], [nameOf(beside(key)), undefined]]);
  await load();
}

/** Removes a key from this browser, or from this page. Of those beside it, the newest signs then. */
export async function drop(key: Key): Promise<void> {
  if (!key.isKept) {
    const { [key.role]: _gone, ...others } = state.read;
    return set(state.kept, others);
  }
  await keepAll('key', [[nameOf(key), undefined]]);
  await load();
  const own = state.kept.filter(({ role }) => role === key.role);
  const [next] = [...own].sort((one, other) => (other.made ?? 0) - (one.made ?? 0));
  if (next && own.every(({ isBeside }) => isBeside)) await signWith(next);
}
