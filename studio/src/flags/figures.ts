/** What the engine says of the draft in hand, at a moment. */

import { type Asked, identityOf, useAsked, useBasis } from '../audiences/asked.js';
import { type Diff, engine, type Finding } from '../engine/engine.js';
import { useDraftState } from '../engine/use-draft.js';
import { useAudience } from '../people/people.js';
import type { Rules } from '../shell/session.js';

/** As long as somebody drags through time, nothing is counted. */
const PAUSE = 60;

/**
 * Figures of people. Those of other people or about something else are none; those of another `moment` or of other rules are, as pending. Without `about`,
 * nothing is asked.
 */
export function useFigures<T>(about: string | undefined, moment: number, ask: () => Promise<T>): Asked<T> {
  const basis = useBasis();
  const { version } = useAudience();
  return useAsked(basis && about && `${basis} ${about} ${moment}`, `${version} ${about}`, ask, PAUSE);
}

/** The draft, if it can be compared with the rules as opened, by which both are known. */
function useCompared({ files, base }: Rules): string | undefined {
  const { draft } = useDraftState();
  return files === base || !draft?.counted ? undefined : `${identityOf(draft)} ${identityOf(base)}`;
}

/** Who would see something else at a moment; what runs is told without people, too. */
export function useChange(rules: Rules, at: number): Asked<Diff> {
  const compared = useCompared(rules);
  const { version } = useAudience();
  const { base } = rules;
  return useAsked(
    compared && `${compared} ${version} ${at}`,
    `${identityOf(base)} ${version}`,
    () => engine.diff(base, { now: at }),
    PAUSE,
  );
}

const NONE: readonly Finding[] = [];

/** What the draft changes of what has started in the rules as opened, and may not. Those of another draft are at other places. */
export function useAgainst(rules: Rules): readonly Finding[] {
  const { value, pending } = useAsked(useCompared(rules), '', () => engine.against(rules.base));
  return (!pending && value) || NONE;
}
