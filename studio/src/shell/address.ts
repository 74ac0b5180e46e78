/**
 * What the address holds: the place, and what is looked at in it. A link restores the view; people and rules are never part of it. All of it is behind
 * the `#`, which no browser sends to a server.
 */

import { useSyncExternalStore } from 'react';

export const PLACE_KEYS = ['preview', 'audiences', 'releases', 'results'] as const;
export type PlaceKey = (typeof PLACE_KEYS)[number];

/** Where the studio opens. */
export const FIRST = 'audiences' satisfies PlaceKey;

export interface Address {
  readonly place: PlaceKey;
  readonly flag?: string | undefined;
  readonly segment?: string | undefined;
  readonly experiment?: string | undefined;
  readonly tab?: string | undefined;
  /** Whatever else narrows the view: `{ q: 'ban' }`. */
  readonly filters: Readonly<Record<string, string>>;
}

const FIELDS = ['flag', 'segment', 'experiment', 'tab'] as const;

/** @example parse('#audiences?flag=banner&q=win') // { place: 'audiences', flag: 'banner', filters: { q: 'win' } } */
export function parse(hash: string): Address {
  const [key = '', query = ''] = hash.replace(/^#/, '').split('?');
  const place = PLACE_KEYS.find((one) => one === key) ?? FIRST;
  const told = new URLSearchParams(query);
  const fields = Object.fromEntries(FIELDS.flatMap((name) => (told.get(name) ? [[name, told.get(name)]] : [])));
  const filters = Object.fromEntries([...told].filter(([name, value]) => value !== '' && !(FIELDS as readonly string[]).includes(name)));
  return { place, ...fields, filters };
}

export function format({ place, filters, ...fields }: Address): string {
  const told = new URLSearchParams();
  for (const name of FIELDS) if (fields[name]) told.set(name, fields[name]);
  for (const [name, value] of Object.entries(filters)) if (value) told.set(name, value);
  const query = told.toString();
  return query ? `#${place}?${query}` : `#${place}`;
}

/** Another place keeps which flag and segment are looked at; within a place all stays that is not changed. */
function merge(now: Address, change: Partial<Address>): Address {
  const isElsewhere = change.place !== undefined && change.place !== now.place;
  const kept: Address = isElsewhere ? { place: now.place, flag: now.flag, segment: now.segment, filters: {} } : now;
  return { ...kept, ...change };
}

export const linkFrom = (from: Address, change: Partial<Address>): string => format(merge(from, change));

/** A link from where the page is. */
export const href = (change: Partial<Address>): string => linkFrom(current(), change);

/** Goes there. `replace` leaves no step behind: for what is typed. */
export function go(change: Partial<Address>, how: 'push' | 'replace' = 'push'): void {
  const to = href(change);
  if (to === location.hash) return;
  if (how === 'push') location.hash = to;
  else {
    history.replaceState(history.state, '', to);
    for (const watcher of watchers) watcher();
  }
}

const watchers = new Set<() => void>();
const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  addEventListener('hashchange', watcher);
  return () => {
    watchers.delete(watcher);
    removeEventListener('hashchange', watcher);
  };
};

const START = parse('');
let hash: string | undefined;
let parsed = START;
function current(): Address {
  if (hash !== location.hash) {
    hash = location.hash;
    parsed = parse(hash);
  }
  return parsed;
}

/** While the page is made beforehand there is no address: it is the first place's. */
export const useAddress = (): Address => useSyncExternalStore(watch, current, () => START);
