/** What the engine is asked while somebody looks. Each answer is tagged with what was asked: the last one stays until the next is there, and is known as such. */

import { useEffect, useState } from 'react';
import { engine, type PopulationCount } from '../engine/engine.js';
import { useDraft, useDraftState } from '../engine/use-draft.js';
import { useAudience } from '../people/people.js';

export interface Asked<T> {
  readonly value?: T;
  readonly error?: Error & { code?: string };
  /** `value` is not of the rules and people as they are now: whoever shows it says so (ui/counting.tsx). */
  readonly pending: boolean;
}

interface Answer<T> extends Omit<Asked<T>, 'pending'> {
  /** To what it is the answer. */
  readonly key: string;
  readonly about: string;
  /** Of which question `value` is. */
  readonly valueKey?: string;
}

/**
 * Asks whenever `key` is another, once somebody has stopped changing it; with an undefined key, nothing. `about` is what the figures are about: those of
 * something else are never returned, those of other rules are, as pending.
 */
export function useAsked<T>(key: string | undefined, about: string, ask: () => Promise<T>, pause = 0): Asked<T> {
  const { compiling } = useDraftState();
  const [answer, setAnswer] = useState<Answer<T>>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that the question depends on
  useEffect(() => {
    if (key === undefined) return;
    let isOver = false;
    const take = (next: (before: Answer<T> | undefined) => Answer<T>): void => {
      if (!isOver) setAnswer(next);
    };
    const timer = setTimeout(() => {
      ask().then(
        (value) => take(() => ({ key, about, value, valueKey: key })),
        (error) => take((before) => ({ ...(before?.about === about && before), key, about, error })),
      );
    }, pause);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [key, pause]);
  if (key === undefined) return { pending: false };
  if (answer?.about !== about) return { pending: true };
  const { value, error, valueKey } = answer;
  const isNow = answer.key === key && !compiling;
  return { ...(value !== undefined && { value }), ...(isNow && error && { error }), pending: compiling || valueKey !== key };
}

let objects = 0;
const numbers = new WeakMap<object, number>();
/** A number of its own for each object, to be part of a key: of a draft, or of rules. */
export function identityOf(object: object): number {
  const known = numbers.get(object);
  if (known !== undefined) return known;
  numbers.set(object, ++objects);
  return objects;
}

/** Of which rules and people figures are; undefined while either is not there. */
export function useBasis(): string | undefined {
  const draft = useDraft();
  const { report, version } = useAudience();
  return draft?.model && report ? `${identityOf(draft)} ${version}` : undefined;
}

/** Everybody, by segment. */
export const useCounts = (): Asked<PopulationCount> => useAsked(useBasis(), '', () => engine.count());
