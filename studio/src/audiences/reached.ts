/** How many people get which variant, flag after flag. */

import { useEffect, useState } from 'react';
import { engine } from '../engine/engine.js';
import { useDraftState } from '../engine/use-draft.js';
import { useBasis } from './asked.js';

export type People = Readonly<Record<string, number>>;

/** People by variant, flag after flag: the first ones are there before the last are counted. Each is tagged with the rules and people that it is of. */
export function useReached(keys: readonly string[]): { readonly reached: Readonly<Record<string, People>>; readonly pending: boolean } {
  const basis = useBasis();
  const { compiling } = useDraftState();
  const [answers, setAnswers] = useState<Readonly<Record<string, { readonly basis: string; readonly people: People }>>>({});
  const wanted = keys.join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the keys are in the text
  useEffect(() => {
    if (basis === undefined) return setAnswers({});
    let isOver = false;
    const run = async (): Promise<void> => {
      for (const key of keys) {
        if (isOver) return;
        if (answers[key]?.basis === basis) continue;
        try {
          const people = await engine.decide(key);
          if (!isOver) setAnswers((all) => ({ ...all, [key]: { basis, people } }));
        } catch {
          // A flag of newer rules than are compiled: its turn comes with them.
        }
      }
    };
    void run();
    return () => {
      isOver = true;
    };
  }, [basis, wanted]);
  const shown = keys.flatMap((key) => answers[key] ?? []);
  const reached = Object.fromEntries(keys.flatMap((key) => (answers[key] ? [[key, answers[key].people]] : [])));
  return { reached, pending: shown.length > 0 && (compiling || shown.some((one) => one.basis !== basis)) };
}

/** So many flags are counted for a list: past that, a search narrows it. */
export const LISTED = 200;
