/**
 * Where tabs keep their drafts in this browser's storage: each in a place of its own, so that none writes over another's. What a closed tab left is
 * taken up by the next one that opens; a tab that opens beside others begins with a copy.
 */

import { changedPaths } from '../files/changed.js';
import { type Files, type Rules, rulesOnly } from './session.js';

const FIRST = 'waft-studio.draft';
const nameOf = (number: number): string => (number === 1 ? FIRST : `${FIRST}.${number}`);

export interface KeptDraft {
  readonly place: string;
  readonly rules: Rules;
  /** When it was last written, in milliseconds since 1970. */
  readonly at: number;
}

/** Without the lists of people that came with rules, but for those of the sample, who are invented. */
const withoutPeople = (rules: Rules): Rules =>
  rules.source.kind === 'sample' ? rules : { ...rules, base: rulesOnly(rules.base), files: rulesOnly(rules.files) };

/** Throws where this browser keeps nothing, or has no room. */
export const write = (place: string, rules: Rules): void =>
  localStorage.setItem(place, JSON.stringify({ ...withoutPeople(rules), at: Date.now() }));

export function remove(place: string): void {
  try {
    localStorage.removeItem(place);
  } catch {
    // No storage: nothing is kept.
  }
}

const isFiles = (value: unknown): value is Files => typeof value === 'object' && value !== null;

/** What is kept in a place. */
export function read(place: string): KeptDraft | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? 'null') as (Rules & { readonly at?: number }) | null;
    if (!kept || !isFiles(kept.files) || !isFiles(kept.base) || typeof kept.source?.kind !== 'string') return undefined;
    const { source, base, files, at = 0 } = kept;
    return { place, at, rules: { source, base, files: changedPaths(base, files).length === 0 ? base : files } };
  } catch {
    // Not JSON, or no storage: nothing is kept.
    return undefined;
  }
}

/** All that this browser keeps, the newest first. */
export function all(): readonly KeptDraft[] {
  try {
    const places = Object.keys(localStorage).filter((name) => name === FIRST || name.startsWith(`${FIRST}.`));
    return places.flatMap((place) => read(place) ?? []).sort((one, other) => other.at - one.at);
  } catch {
    return [];
  }
}

/** Beside what is kept in a place: when a tab took it, where browsers have no locks. Whoever was ended without a word leaves it. */
const MARK = 'waft-studio.open:';
const WEEK = 7 * 86_400_000; // milliseconds

/** Marks a place as a tab's. False if another tab has it. */
export function mark(place: string): boolean {
  try {
    if (marked().has(place)) return false;
    localStorage.setItem(MARK + place, String(Date.now()));
  } catch {
    // No storage, or no room: nothing is kept.
  }
  return true;
}

export const unmark = (place: string): void => remove(MARK + place);

/** The places that tabs have marked within a week. */
export function marked(): ReadonlySet<string> {
  const now = Date.now();
  const isOpen = (name: string): boolean => name.startsWith(MARK) && now - Number(localStorage.getItem(name)) < WEEK;
  try {
    return new Set(Object.keys(localStorage).flatMap((name) => (isOpen(name) ? name.slice(MARK.length) : [])));
  } catch {
    return new Set();
  }
}

/** Whether something of it is nowhere else. */
export const isChanged = ({ rules }: KeptDraft): boolean => rules.files !== rules.base;

export interface Chosen {
  /** Where the tab keeps its draft from now on. */
  readonly place: string;
  /** What it begins with. */
  readonly draft?: KeptDraft;
  /** What closed tabs left and nobody misses, as it was not changed. */
  readonly spare: readonly KeptDraft[];
}

/** A place in which nothing is, and that no tab has. `held` are the places that other tabs have. */
export function unused(drafts: readonly KeptDraft[], held: ReadonlySet<string>): Chosen {
  for (let number = 1; ; number++) {
    const place = nameOf(number);
    if (!held.has(place) && !drafts.some((draft) => draft.place === place)) return { place, spare: [] };
  }
}

/** What a new tab takes, of all that is kept: the newest. Of a tab that is open it takes a copy. */
export function choose(drafts: readonly KeptDraft[], held: ReadonlySet<string>): Chosen {
  const [draft] = drafts;
  if (!draft) return unused(drafts, held);
  const { place } = held.has(draft.place) ? unused(drafts, held) : draft;
  return { place, draft, spare: drafts.filter((one) => one !== draft && !held.has(one.place) && !isChanged(one)) };
}
