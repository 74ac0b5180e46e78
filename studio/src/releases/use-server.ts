/** What the server says of releases, asked anew every two seconds while somebody looks. What it said last stays, with its time, when it is away. */

import { useCallback, useEffect, useRef, useState } from 'react';
import { Absent, Away, Refused } from '../api/ask.js';
import { type Ramps, type Review, readRamps, readReview, readState, type State } from './steps.js';

const EVERY = 2_000; // milliseconds

export interface Seen {
  readonly state: State;
  readonly review: Review | undefined;
  readonly ramps: Ramps | undefined;
}

export interface Server {
  readonly seen: Seen | undefined;
  /** When the server said so. */
  readonly asOf: Date | undefined;
  /** 'asking' until it said something for the first time; 'absent' where there are no releases. */
  readonly is: 'asking' | 'here' | 'away' | 'absent' | 'refusing';
  /** Why it refuses. */
  readonly error: string;
  /** It wants a token. */
  readonly asksToken: boolean;
  /** Asks at once. */
  readonly refresh: () => Promise<void>;
}

export function useServer(): Server {
  const [server, setServer] = useState<Omit<Server, 'refresh'>>({
    seen: undefined,
    asOf: undefined,
    is: 'asking',
    error: '',
    asksToken: false,
  });
  const last = useRef<Seen>(undefined);
  const turn = useRef(0);
  const refresh = useCallback(async (): Promise<void> => {
    turn.current += 1;
    const mine = turn.current;
    // What was asked for earlier and comes later says nothing of now.
    const set = (next: (last: Omit<Server, 'refresh'>) => Omit<Server, 'refresh'>): void => {
      if (mine === turn.current) setServer(next);
    };
    try {
      const seen = await look(last.current);
      // What has not changed is left alone: a reader's place is kept.
      if (JSON.stringify(seen) !== JSON.stringify(last.current)) last.current = seen;
      const shown = last.current;
      set(() => ({ seen: shown, asOf: new Date(), is: 'here', error: '', asksToken: false }));
    } catch (error) {
      const is = error instanceof Away ? 'away' : error instanceof Absent ? 'absent' : 'refusing';
      const asksToken = error instanceof Refused && error.code === 'token';
      set((before) => ({ ...before, is, error: (error as Error).message, asksToken }));
    }
  }, []);
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void refresh();
    }, EVERY);
    return () => clearInterval(timer);
  }, [refresh]);
  return { ...server, refresh };
}

/** People are counted for a review, which takes the server a while: it is asked for again once something has happened. */
async function look(last: Seen | undefined): Promise<Seen> {
  const state = await readState();
  const isOpen = state.state === 'waits' || state.state === 'approved';
  const isSame = last?.review !== undefined && JSON.stringify(last.state) === JSON.stringify(state);
  const reviewed = isSame ? last.review : isOpen ? readReview() : undefined;
  const [review, ramped] = await Promise.all([reviewed, ramps()]);
  return { state, review, ramps: ramped };
}

/** A server that has no rules is asked for ramps once. Without them the rest is told all the same. */
let hasRules = true;
async function ramps(): Promise<Ramps | undefined> {
  if (!hasRules) return undefined;
  try {
    return await readRamps();
  } catch (error) {
    if (error instanceof Absent) hasRules = false;
    return undefined;
  }
}
