/** What all places share: the rules as they are drafted, what they were opened from, and the way back. */

import { useSyncExternalStore } from 'react';

/** Each file of a ruleset by its path in the folder: `waft.yaml`, `flags/banner.yaml`. */
export type Files = Readonly<Record<string, string>>;

/** Without the lists that rules name: they are of people. */
export const rulesOnly = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).filter(([path]) => /\.(ya?ml|json)$/i.test(path)));

/** Where rules came from: the sample of this page, files that somebody chose, or `waft serve`, which says by which version (ETag) they are saved. */
export type Source =
  | { readonly kind: 'sample' }
  /** `id` names this opening: two tabs may have folders of one name. */
  | { readonly kind: 'files'; readonly name: string; readonly id?: string }
  | { readonly kind: 'serve'; readonly etag: string };

export interface Rules {
  readonly source: Source;
  /** As they were opened. */
  readonly base: Files;
  /** As they are drafted. */
  readonly files: Files;
}

let rules: Rules | undefined;
let past: Files[] = [];
let future: Files[] = [];
const watchers = new Set<() => void>();
const changed = (next: Rules | undefined): void => {
  rules = next;
  for (const watcher of watchers) watcher();
};

/** Opens rules in place of those that were open: the way back begins anew. */
export function open(source: Source, files: Files): void {
  past = [];
  future = [];
  changed({ source, base: files, files });
}

/** Takes a changed draft. It can be undone. */
export function edit(files: Files): void {
  if (!rules) return;
  past.push(rules.files);
  future = [];
  changed({ ...rules, files });
}

/** Takes rules up again as they were left: what they were opened from, and the draft. */
export function resume(kept: Rules): void {
  past = [];
  future = [];
  changed(kept);
}

/** Closes the rules: the page begins anew. */
export function close(): void {
  past = [];
  future = [];
  changed(undefined);
}

/** What was saved `of` rules is what is opened from now on. The way back stays. Others may have been opened meanwhile, which that is nothing of. */
export function saved(of: Source, source: Source, base: Files): void {
  if (rules?.source === of) changed({ ...rules, source, base });
}

/** Goes back by one change; or forward again. */
export const undo = (): void => step(past, future);
export const redo = (): void => step(future, past);

function step(from: Files[], to: Files[]): void {
  const files = from.pop();
  if (!rules || !files) return;
  to.push(rules.files);
  changed({ ...rules, files });
}

export const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** Whether something was undone that can come back. */
export const canRedo = (): boolean => future.length > 0;

export const current = (): Rules | undefined => rules;

// While the page is made beforehand, nothing is open.
const none = (): undefined => undefined;
const no = (): boolean => false;
export const useRules = (): Rules | undefined => useSyncExternalStore(watch, current, none);
export const useCanUndo = (): boolean => useSyncExternalStore(watch, () => past.length > 0, no);
export const useCanRedo = (): boolean => useSyncExternalStore(watch, canRedo, no);
