/** A word or two about a thing: its state, its kind. */

import type { ReactNode } from 'react';

export interface TagProps {
  readonly children: ReactNode;
  readonly tone?: 'plain' | 'good' | 'bad' | 'unsure' | 'accent';
}

export const Tag = ({ children, tone = 'plain' }: TagProps) => <span className={`tag ${tone}`}>{children}</span>;
