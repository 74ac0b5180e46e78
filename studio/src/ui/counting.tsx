/** Figures that are not of the rules and people as they are now are marked as that, until the new ones are there. */

import type { ReactNode } from 'react';

export interface CountingProps {
  /** What is shown is of earlier rules or people. */
  readonly isPending: boolean;
  readonly children: ReactNode;
}

export const Counting = ({ isPending, children }: CountingProps) => (
  <div className="stack tight counted" data-counting={isPending || undefined} aria-busy={isPending}>
    {isPending && <span className="counting">counting…</span>}
    {children}
  </div>
);
