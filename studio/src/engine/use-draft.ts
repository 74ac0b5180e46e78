/** The session's draft, compiled: its findings, and what it declares. */

import { useEffect, useSyncExternalStore } from 'react';
import { useRules } from '../shell/session.js';
import { type Draft, engine, type Files } from './engine.js';

/** How long somebody has to stop typing, in milliseconds. */
const PAUSE = 150;

interface State {
  readonly draft?: Draft;
  /** Of the files that are being compiled, or that wait to be. */
  readonly compiling: boolean;
  /** Why no draft came of them: a message with the remedy. */
  readonly error?: string;
  /** For which environment: undefined for the first that the rules declare. */
  readonly environment?: string | undefined;
}

let state: State = { compiling: false };
let wanted: Files | undefined;
let pause: ReturnType<typeof setTimeout> | undefined;
const watchers = new Set<() => void>();

const change = (next: Partial<State>): void => {
  state = { ...state, ...next };
  for (const watcher of watchers) watcher();
};

engine.watch((news) => {
  // List files that were given compile it anew, too.
  if ('draft' in news) change({ draft: news.draft });
});

/** Compiles files at once, for the environment that is chosen. */
export function compileNow(files: Files): Promise<Draft> {
  const { environment } = state;
  return engine.compile(files, environment === undefined ? {} : { environment });
}

async function compile(files: Files): Promise<void> {
  try {
    await compileNow(files);
    if (wanted === files) {
      const { error: _, ...rest } = state;
      state = rest;
      change({ compiling: false });
    }
  } catch (error) {
    if (wanted === files) change({ compiling: false, error: (error as Error).message });
  }
}

/** Compiles files once somebody stops typing; the first at once. Those that were asked for already are not compiled again. */
function want(files: Files): void {
  if (files === wanted) return;
  const first = !wanted;
  wanted = files;
  change({ compiling: true });
  clearTimeout(pause);
  pause = setTimeout(() => compile(files), first ? 0 : PAUSE);
}

const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** How the session's draft is. Whoever asks has it compiled. */
export function useDraftState(): State {
  const files = useRules()?.files;
  useEffect(() => {
    if (files) want(files);
  }, [files]);
  const now = (): State => state;
  const told = useSyncExternalStore(watch, now, now);
  // What was just changed is not asked for yet.
  return files === undefined || files === wanted ? told : { ...told, compiling: true };
}

/** The session's draft, compiled; undefined before it first was. */
export const useDraft = (): Draft | undefined => useDraftState().draft;

/** Compiles and counts for another environment from now on. */
export function setEnvironment(environment: string | undefined): void {
  change({ environment });
  if (wanted) {
    change({ compiling: true });
    void compile(wanted);
  }
}
