/**
 * A draft of a server's rules, and what the server has by now. One in which nothing is changed or undone is as the server has them, unless somebody types
 * just now; any other keeps what it was made of, and it is said that the server has others.
 */

import { useSyncExternalStore } from 'react';
import { onToken } from '../api/ask.js';
import { canRedo, current, type Rules, saved, useRules, watch } from '../shell/session.js';
import { toast } from '../ui/toast.js';
import { changedPaths } from './changed.js';
import { lend, openServed } from './save.js';
import { newerRules, type Served, servedRules } from './served.js';

const EVERY = 10_000; // milliseconds

/** What the server has, where that is not what the draft was made of. */
let moved: Served | undefined;
const watchers = new Set<() => void>();

function setMoved(next: Served | undefined): void {
  if (next?.etag === moved?.etag) return;
  moved = next;
  for (const watcher of watchers) watcher();
}

/** Whoever has undone changes may want them back, and whoever types is about to change something. */
const isFree = ({ base, files }: Rules): boolean => changedPaths(base, files).length === 0 && !canRedo() && !isTyping();

const TYPED = 'textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=range], [type=file])';
const isTyping = (): boolean => document.activeElement?.matches(TYPED) === true;

/** Opens what the server has, unless somebody has opened something meanwhile. Whether anything is open then. */
export async function begin(): Promise<boolean> {
  const served = await servedRules().catch(() => undefined);
  if (!current() && served) openServed(served);
  return current() !== undefined;
}

/** Asks the server. What it refuses is told where something is saved or released. */
export async function look(isFirst = false): Promise<void> {
  const asked = current();
  if (asked?.source.kind !== 'serve') return setMoved(undefined);
  // A draft of last time has no lists: they come with the whole answer.
  const known = isFirst ? undefined : (moved?.etag ?? asked.source.etag);
  const served = await newerRules(known).catch(() => 'same' as const);
  const rules = current();
  // Meanwhile it was saved, or others were opened; or there is no server any more.
  if (rules?.source !== asked.source || !served) return isFirst ? lend() : undefined;
  const now = served === 'same' ? moved : served;
  const isOther = now !== undefined && now.etag !== asked.source.etag;
  // This draft was saved, and the answer to that was lost on its way.
  if (isOther && rules.files !== rules.base && changedPaths(now.files, rules.files).length === 0) {
    saved(rules.source, { kind: 'serve', etag: now.etag }, rules.files);
    setMoved(undefined);
    return isFirst ? lend(now.lists) : undefined;
  }
  const follows = isOther && isFree(rules);
  setMoved(isOther && !follows ? now : undefined);
  if (isFirst && !follows) void lend(now?.lists);
  if (!follows) return;
  openServed(now);
  if (!isFirst) toast('The server has other rules by now, and they are shown. You had changed nothing.');
}

let isFollowing = false;

/** From now on: at once, when somebody comes back to the page, when a draft becomes what was opened, and every few seconds while it is looked at. */
export function follow(): void {
  if (isFollowing) return;
  isFollowing = true;
  const again = (): void => {
    if (document.visibilityState === 'visible') void look();
  };
  addEventListener('focus', again);
  document.addEventListener('visibilitychange', again);
  setInterval(again, EVERY);
  watch(() => {
    const rules = current();
    if (rules && moved && isFree(rules)) void look();
  });
  // With a token, a server may tell what it did not tell before.
  onToken(() => void look(true));
  void look(true);
}

/** What the server has by now, where the draft was made of something else. */
export function useMoved(): Served | undefined {
  const rules = useRules();
  const now = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => moved,
    () => undefined,
  );
  return now && rules?.source.kind === 'serve' && rules.source.etag !== now.etag ? now : undefined;
}
