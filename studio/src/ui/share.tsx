/** How a number of people divides: into those who match, who do not, and of whom it is not known; or by variant. */

import { Fragment } from 'react';
import { count, percent } from './numbers.js';

export interface ShareProps {
  readonly matches: number;
  readonly others: number;
  readonly unknown: number;
  /** Whose share it is. */
  readonly label: string;
  /** The bar alone: the figures are its name. */
  readonly compact?: boolean;
}

/** What is not known is a part of its own, never one of the two others. */
export function Share({ matches, others, unknown, label, compact = false }: ShareProps) {
  const whole = matches + others + unknown;
  const parts = partsOf({ matches, others, unknown });
  return <Bar label={label} whole={whole} parts={parts} compact={compact} />;
}

/** Those of whom something is asked, as parts of a bar. */
export const partsOf = ({ matches, others, unknown }: Pick<ShareProps, 'matches' | 'others' | 'unknown'>) => [
  { name: 'match', value: matches, colour: 'var(--match)', kind: 'matches' },
  { name: 'do not', value: others, colour: 'var(--other)', kind: 'others' },
  { name: 'unknown', value: unknown, colour: 'var(--unknown)', kind: 'unknown' },
];

interface LegendProps {
  readonly parts: readonly { readonly name: string; readonly value: number; readonly colour: string; readonly kind?: string }[];
  readonly first?: number;
}

/** What the colours of a compact bar are: the first parts, and how many are in others. */
export const Legend = ({ parts, first = parts.length }: LegendProps) => (
  <span className="num">
    {parts.slice(0, first).map(({ name, value, colour, kind = '' }, at) => (
      <Fragment key={name}>
        {at > 0 && ' · '}
        <span className="legend">
          <i className={`swatch ${kind}`} style={{ '--colour': colour } as React.CSSProperties} aria-hidden="true" />
          {count(value)} {name}
        </span>
      </Fragment>
    ))}
    {parts.length > first && ` · ${count(parts.slice(first).reduce((sum, { value }) => sum + value, 0))} other`}
  </span>
);

export interface SplitProps {
  readonly parts: readonly { readonly name: string; readonly value: number; readonly colour?: string }[];
  readonly label: string;
  /** How it is planned, in the same order: marked on the bar, and said. */
  readonly planned?: readonly number[] | undefined;
  readonly compact?: boolean;
}

/** The colour of a variant, by its place in the flag. */
export const colourOf = (at: number): string => `var(--v${(at % 6) + 1})`;

export function Split({ parts, label, planned, compact = false }: SplitProps) {
  const whole = parts.reduce((sum, { value }) => sum + value, 0);
  const shown = parts.map((part, at) => ({ colour: colourOf(at), kind: '', ...part }));
  return <Bar label={label} whole={whole} parts={shown} planned={planned} compact={compact} />;
}

interface BarProps {
  readonly label: string;
  readonly whole: number;
  readonly parts: readonly { readonly name: string; readonly value: number; readonly colour: string; readonly kind: string }[];
  readonly planned?: readonly number[] | undefined;
  readonly compact: boolean;
}

function Bar({ label, whole, parts, planned, compact }: BarProps) {
  const total = planned?.reduce((sum, part) => sum + part, 0) ?? 0;
  const wanted = (at: number): string => (total > 0 ? `, planned ${percent(planned?.[at] ?? 0, total)}` : '');
  const words = parts.map(({ name, value }, at) => `${count(value)} ${name} (${percent(value, whole)}${wanted(at)})`);
  const marks = planned?.slice(0, -1).map((_, at) => (planned.slice(0, at + 1).reduce((sum, part) => sum + part, 0) / (total || 1)) * 100);
  return (
    <div className={compact ? 'share compact' : 'share'}>
      <div className="bar" role="img" aria-label={`${label}: ${whole === 0 ? 'nobody' : words.join(', ')}`}>
        {parts
          .filter(({ value }) => value > 0)
          .map(({ name, value, colour, kind }) => (
            <i key={name} className={kind} style={{ '--colour': colour, flex: `${value} 1 0` } as React.CSSProperties} />
          ))}
        {marks?.map((mark, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a mark is its place
          <b key={at} style={{ left: `${mark}%` }} />
        ))}
      </div>
      {!compact && (
        <ul className="parts" aria-hidden="true">
          {parts.map(({ name, value, colour }, at) => (
            <li key={name} style={{ '--colour': colour } as React.CSSProperties}>
              <span>
                <strong>{count(value)}</strong> {name} <span className="soft">{percent(value, whole) + wanted(at)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
