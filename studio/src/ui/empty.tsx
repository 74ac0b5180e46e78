/** Where nothing is yet: what to do, so that something is. */

import type { ReactNode } from 'react';

export interface EmptyProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

export const Empty = ({ title, children, action }: EmptyProps) => (
  <div className="empty">
    <h3>{title}</h3>
    <p>{children}</p>
    {action && <div className="row">{action}</div>}
  </div>
);
