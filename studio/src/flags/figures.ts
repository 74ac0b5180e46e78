/** What the engine says of the draft in hand. An answer of other rules or people is none. */

import { useEffect, useState } from 'react';
import { useBasis } from '../audiences/asked.js';
import { type Diff, engine, type Finding } from '../engine/engine.js';
import { useDraftState } from '../engine/use-draft.js';
import type { Rules } from '../shell/session.js';

export interface Figures<T> {
  readonly value?: T;
  readonly error?: string;
  /** It is of another moment or question, of the same rules and people: the next answer is on its way. */
  readonly isOld?: boolean;
}

/** Asks whenever the rules, the people or `about` are others; nothing while `basis` is undefined. */
function useAnswer<T>(basis: unknown, about: string, ask: () => Promise<T>): Figures<T> {
  const { compiling } = useDraftState();
  const [found, setFound] = useState<Figures<T> & { readonly basis?: unknown; readonly about?: string }>({});
  // biome-ignore lint/correctness/useExhaustiveDependencies: both say all that the question depends on
  useEffect(() => {
    if (basis === undefined || compiling) return;
    let isCurrent = true;
    const take = (answer: Figures<T>): void => {
      if (isCurrent) setFound({ ...answer, basis, about });
    };
    ask().then(
      (value) => take({ value }),
      (error) => take({ error: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [basis, about, compiling]);
  return !compiling && found.basis === basis ? { ...found, isOld: found.about !== about } : {};
}

/** Figures of people. */
export const useFigures = <T>(about: string, ask: () => Promise<T>): Figures<T> => useAnswer(useBasis(), about, ask);

/** Who would see something else at a moment; what runs is told without people, too. */
export function useChange({ files, base }: Rules, at: number): Figures<Diff> {
  const { draft } = useDraftState();
  const people = useBasis();
  const basis = files === base || !draft?.counted ? undefined : draft;
  return useAnswer(basis, `${people} ${at}`, () => engine.diff(base, { now: at }));
}

const NONE: readonly Finding[] = [];

/** What the draft changes of what has started in the rules as opened, and may not. */
export function useAgainst({ files, base }: Rules): readonly Finding[] {
  const { draft } = useDraftState();
  const basis = files === base || !draft?.counted ? undefined : draft;
  return useAnswer(basis, '', () => engine.against(base)).value ?? NONE;
}
