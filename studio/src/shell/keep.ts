/**
 * Drafts survive a reload: the rules that are open, and the draft, are kept in this browser. People never are, unless somebody asks for it
 * (src/people): neither are the lists that came with rules, but for those of the sample.
 *
 * A tab holds the place of its draft by a lock for as long as it is open (Web Locks), and knows it again after a reload by its own `sessionStorage`. Over
 * plain HTTP there are no locks: there, it marks its place, and takes the mark away as it goes.
 */

import { leaveField } from '../ui/focus.js';
import * as drafts from './drafts.js';
import { current, type Rules, resume, watch } from './session.js';

const TAB = 'waft-studio.tab';
const PAUSE = 250; // milliseconds, so that typing writes once
/** How long the page before a reload may take to let go of the place, in milliseconds. A copy of a tab waits for it in vain. */
const PATIENCE = 3_000;

/** This tab's, once it is certain that no other has it. */
let place: string | undefined;

function rememberPlace(name: string): void {
  place = name;
  try {
    sessionStorage.setItem(TAB, name);
  } catch {
    // It is forgotten with the page.
  }
}

function rememberedPlace(): string | undefined {
  try {
    return sessionStorage.getItem(TAB) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Takes a lock until the page is gone. False if another tab has it. */
function hold(name: string, patience = 0): Promise<boolean> {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return Promise.resolve(drafts.mark(name));
  return new Promise((resolve) => {
    const options = patience > 0 ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
    const taken = (lock: Lock | null): Promise<never> | undefined => {
      resolve(lock !== null);
      return lock ? new Promise(() => {}) : undefined;
    };
    locks.request(name, options, taken).catch(() => resolve(false));
  });
}

/** The places that other tabs have. */
async function heldPlaces(): Promise<ReadonlySet<string>> {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return drafts.marked();
  return new Set((await locks.query()).held?.flatMap(({ name }) => name ?? []));
}

/** Drafts that closed tabs left, and that nobody saved. */
export async function leftDrafts(): Promise<readonly drafts.KeptDraft[]> {
  const kept = drafts.all();
  const held = await heldPlaces();
  return kept.filter((draft) => draft.place !== place && !held.has(draft.place) && drafts.isChanged(draft));
}

/** Opens what another tab left, as this tab's draft. */
export function takeUp({ place: left, rules }: drafts.KeptDraft): void {
  resume(rules);
  if (writeNow(rules)) drafts.remove(left);
}

/**
 * Takes up what was kept: the tab's own draft after a reload, else the newest that there is. Says if it is a copy of what another tab has open, and
 * undefined where nothing is kept.
 */
export async function restore(): Promise<'own' | 'copy' | undefined> {
  const mine = rememberedPlace();
  const own = mine && drafts.read(mine);
  // At once: a reload shows no other page first.
  if (own) resume(own.rules);
  if (mine && (await hold(mine, PATIENCE))) {
    rememberPlace(mine);
    return own ? 'own' : undefined;
  }
  for (;;) {
    const held = await heldPlaces();
    const kept = drafts.all();
    // A tab that was duplicated has its copy in hand; and somebody may have opened other rules by now.
    const isOpen = current() !== undefined;
    const found = isOpen ? drafts.unused(kept, held) : drafts.choose(kept, held);
    // Another tab may have been faster.
    if (!(await hold(found.place)) || (!isOpen && current())) continue;
    rememberPlace(found.place);
    for (const one of found.spare) drafts.remove(one.place);
    if (!isOpen && found.draft) resume(found.draft.rules);
    if (own || found.draft) return found.draft?.place === found.place ? 'own' : 'copy';
    return undefined;
  }
}

let hasFailed = false;
let failed = (): void => {};

/** Whether it is kept. */
function writeNow(rules: Rules): boolean {
  if (place === undefined) return false;
  try {
    drafts.write(place, rules);
    return true;
  } catch {
    // An earlier draft would come back in place of this one.
    drafts.remove(place);
    if (!hasFailed) failed();
    hasFailed = true;
    return false;
  }
}

/** Keeps each change from now on. `told` is called once if this browser does not keep it. */
export function keep(told: () => void): void {
  failed = told;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = (): void => {
    clearTimeout(timer);
    timer = place === undefined ? setTimeout(write, PAUSE) : undefined;
    if (place === undefined) return;
    const rules = current();
    if (rules) writeNow(rules);
    else drafts.remove(place);
  };
  watch(() => {
    timer ??= setTimeout(write, PAUSE);
  });
  // Before whoever draws another view hears of it.
  addEventListener('hashchange', leaveField, { capture: true });
  addEventListener('pageshow', ({ persisted }) => {
    // It was left, and is shown again as it was: another tab may have had its place since.
    if (persisted && !(navigator as { locks?: LockManager }).locks) location.reload();
  });
  addEventListener('pagehide', () => {
    leaveField();
    if (place !== undefined) drafts.unmark(place);
    if (timer === undefined) return;
    // It goes before it knows its place: into one that is nobody's.
    if (place === undefined) rememberPlace(drafts.unused(drafts.all(), new Set()).place);
    write();
  });
}
