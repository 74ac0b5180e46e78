/**
 * The keys that are at hand: those that this browser keeps, and those that were read from files for as long as the page is open. Of each role one signs.
 * No key takes the place of another without a word: one that is made while another is kept stands beside it, until somebody or the trust says otherwise.
 */

import { useSyncExternalStore } from 'react';
import type { Key, Role } from './key.js';
import { allKept, alter } from './store.js';

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

type Changes = [name: string, key: Key | undefined][];
const kept = (key: Key): Changes[number] => [nameOf(key), key];
const gone = (key: Key): Changes[number] => [nameOf(key), undefined];

/** One that stands beside others signs. */
function signing(key: Key): Changes {
  const { isBeside: _, ...signs } = key;
  return [gone(key), kept(signs)];
}

/** Changes the keys of a role by what the browser keeps by now: another tab may have changed what this page has seen. */
async function change(role: Role, how: (own: readonly Key[]) => Changes): Promise<void> {
  await alter<Key>('key', (all) => how(all.filter((key) => key.role === role)));
  await load();
}

const signsOf = (own: readonly Key[]): Key | undefined => own.find(({ isBeside }) => !isBeside);
const madeOf = ({ made = 0 }: Key): number => made;

/** Keeps a key in this browser: it signs, or stands beside the one that does. Returns which. */
export async function enrol(key: Key): Promise<'signs' | 'beside'> {
  let is: 'signs' | 'beside' = 'signs';
  await change(key.role, (own) => {
    is = signsOf(own) ? 'beside' : 'signs';
    return [kept(is === 'signs' ? key : beside(key))];
  });
  // A browser that runs out of room clears what it was not asked to keep. It may refuse, and Firefox asks its user first.
  void navigator.storage?.persist?.().catch(() => false);
  return is;
}

/** Signs with a kept key from now on, unless a newer one does. The one that did stands beside it. Returns whether it took over. */
export async function signWith({ role, kid }: Key): Promise<boolean> {
  let isOther = false;
  await change(role, (own) => {
    const [key, before] = [own.find((one) => one.kid === kid), signsOf(own)];
    isOther = key?.isBeside === true && (before === undefined || madeOf(before) <= madeOf(key));
    if (!key || !isOther) return [];
    return [...signing(key), ...(before ? [kept(beside(before))] : [])];
  });
  return isOther;
}

/** Removes a key from this browser, or from this page. Of those beside it, the newest signs then. */
export async function drop(key: Key): Promise<void> {
  const { role, kid } = key;
  if (!key.isKept) {
    const { [role]: _gone, ...others } = state.read;
    return set(state.kept, others);
  }
  await change(role, (own) => {
    const mine = own.find((one) => one.kid === kid);
    if (!mine) return [];
    const [next] = own.filter((one) => one !== mine).sort((one, other) => madeOf(other) - madeOf(one));
    return [gone(mine), ...(next && !mine.isBeside ? signing(next) : [])];
  });
}
