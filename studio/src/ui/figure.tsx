/** One number that a place is about, with the sentence that says what it is. */

import type { ReactNode } from 'react';
import { AsOf } from './asof.js';
import { Tag } from './tag.js';

export { count, people, percent } from './numbers.js';

export interface FigureProps {
  readonly value: string;
  /** What it is. */
  readonly children: ReactNode;
  /** It is of the sample, and of nobody real. */
  readonly sample?: boolean;
  readonly tone?: 'good' | 'bad' | 'unsure';
  readonly asOf?: Date | undefined;
}

export function Figure({ value, children, sample = false, tone, asOf }: FigureProps) {
  return (
    <div className={tone ? `figure ${tone}` : 'figure'}>
      <div className="value">
        {value} {sample && <Sample />}
      </div>
      <p>
        {children}
        {asOf && (
          <>
            {' · '}
            <AsOf time={asOf} />
          </>
        )}
      </p>
    </div>
  );
}

/** Marks what is invented. */
export const Sample = () => <Tag tone="unsure">Sample data</Tag>;
