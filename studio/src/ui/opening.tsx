/** How each place begins: one figure and one button. Its sentence is the shell's. */

import type { ReactNode } from 'react';

export interface OpeningProps {
  readonly figure: ReactNode;
  readonly action?: ReactNode;
  readonly children?: ReactNode;
}

export const Opening = ({ figure, action, children }: OpeningProps) => (
  <div className="opening">
    {figure}
    {action && <div className="row">{action}</div>}
    {children}
  </div>
);
