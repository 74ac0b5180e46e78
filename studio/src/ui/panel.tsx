/** A part of a place, with its heading. */

import { type ReactNode, useId } from 'react';

export interface PanelProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Buttons at its head. */
  readonly actions?: ReactNode;
  /** What it shows, in a line. */
  readonly note?: ReactNode;
  readonly id?: string;
  /** Without a frame. */
  readonly plain?: boolean;
  readonly level?: 2 | 3;
}

export function Panel({ title, children, actions, note, id, plain = false, level = 2 }: PanelProps) {
  const heading = useId();
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <section className={plain ? 'panel plain' : 'panel'} id={id} aria-labelledby={heading}>
      <header>
        <Heading id={heading}>{title}</Heading>
        {actions && <div className="row">{actions}</div>}
      </header>
      {note && <p className="soft">{note}</p>}
      {children}
    </section>
  );
}
