/** What the engine is asked while somebody looks: the last answer stays until the next one is there. */

import { useEffect, useState } from 'react';
import { type Draft, engine, type PopulationCount } from '../engine/engine.js';
import { useDraft } from '../engine/use-draft.js';
import { useAudience } from '../people/people.js';

export interface Asked<T> {
  readonly value?: T;
  readonly error?: Error & { code?: string };
  /** A newer answer is on its way. */
  readonly pending: boolean;
}

/** Asks whenever `key` is another, once somebody has stopped changing it; with an undefined key, nothing. */
export function useAsked<T>(key: string | undefined, ask: () => Promise<T>, pause = 0): Asked<T> {
  const [asked, setAsked] = useState<Asked<T> & { key?: string }>({ pending: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that the question depends on
  useEffect(() => {
    if (key === undefined) return setAsked({ pending: false });
    let isOver = false;
    setAsked((before) => ({ ...before, pending: true }));
    const timer = setTimeout(() => {
      ask().then(
        (value) => !isOver && setAsked({ value, key, pending: false }),
        (error) =>
          !isOver && setAsked((before) => ({ ...(before.value !== undefined && { value: before.value }), error, key, pending: false })),
      );
    }, pause);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [key, pause]);
  return asked;
}

let drafts = 0;
const numbers = new WeakMap<Draft, number>();
/** Each draft has a number of its own. */
function numberOf(draft: Draft): number {
  const known = numbers.get(draft);
  if (known !== undefined) return known;
  numbers.set(draft, ++drafts);
  return drafts;
}

/** Of which rules and people figures are; undefined while either is not there. */
export function useBasis(): string | undefined {
  const draft = useDraft();
  const { report, version } = useAudience();
  return draft?.model && report ? `${numberOf(draft)} ${version}` : undefined;
}

/** Everybody, by segment. */
export const useCounts = (): Asked<PopulationCount> => useAsked(useBasis(), () => engine.count());
