/** What went wrong: its code, its cause and the remedy. */

import type { ReactNode } from 'react';
import { Tag } from './tag.js';

export interface ErrorNoteProps {
  /** The code, by which it is found in the documents. */
  readonly code?: string | undefined;
  /** What happened. */
  readonly title: string;
  /** Why. */
  readonly children?: ReactNode;
  /** What to do. */
  readonly remedy?: ReactNode;
  readonly action?: ReactNode;
  readonly tone?: 'bad' | 'unsure';
}

export const ErrorNote = ({ code, title, children, remedy, action, tone = 'bad' }: ErrorNoteProps) => (
  <div className={`error-note ${tone}`} role="alert">
    <p>
      <strong>{title}</strong> {code && <code className="code">{code}</code>}
    </p>
    {children && <div>{children}</div>}
    {remedy && <p>{remedy}</p>}
    {action && <div className="row">{action}</div>}
  </div>
);

/** An error or a warning of the rules, where it is. */
export interface Found {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy?: string;
}

export interface FindingsProps<F extends Found> {
  readonly findings: readonly F[];
  readonly onOpen?: (finding: F) => void;
}

export function Findings<F extends Found>({ findings, onOpen }: FindingsProps<F>) {
  return (
    <ul className="findings">
      {findings.map((finding) => {
        const { code, severity, file, line, column, message, remedy } = finding;
        const place = `${file}:${line}:${column}`;
        return (
          <li key={`${place} ${code} ${message}`}>
            <Tag tone={severity === 'error' ? 'bad' : 'unsure'}>{severity}</Tag>{' '}
            {onOpen ? (
              <button type="button" className="link" onClick={() => onOpen(finding)}>
                {place}
              </button>
            ) : (
              <code>{place}</code>
            )}{' '}
            <code className="soft">{code}</code>
            <p>{message}</p>
            {remedy && <p className="soft">{remedy}</p>}
          </li>
        );
      })}
    </ul>
  );
}
