/** Whom the page is previewed as: a person of the sample, or one that is typed. It stays while places change, and is in no link but by a sample's name. */

import { useSyncExternalStore } from 'react';
import type { Context } from 'waft';
import { PERSONAS, stranger } from '../../../www/src/personas.js';

export interface Who {
  /** The person of the sample, unless the attributes were changed. */
  readonly persona?: string;
  readonly context: Context;
}

const [first] = PERSONAS;
const START: Who = first ? { persona: first.id, context: first.context } : { context: {} };
let who = START;
const watchers = new Set<() => void>();

function become(next: Who): void {
  who = next;
  for (const watcher of watchers) watcher();
}

export function choose(id: string): void {
  const person = PERSONAS.find((one) => one.id === id);
  if (person) become({ persona: person.id, context: person.context });
}

/** Somebody whom no page has seen. */
export const meet = (): void => become({ context: stranger() });

/** Changes an attribute; undefined takes it away. */
export function change(name: string, value: unknown): void {
  const { [name]: _, ...rest } = who.context as Record<string, unknown>;
  become({ context: (value === undefined ? rest : { ...rest, [name]: value }) as Context });
}

export const useWho = (): Who =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => who,
    () => START,
  );
