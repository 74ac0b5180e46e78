/** The head and a row of a table. */

import type { CSSProperties, ReactNode } from 'react';
import type { Column, Sorting } from './table.js';

export interface HeadProps<T> {
  readonly columns: readonly Column<T>[];
  readonly sorting: Sorting | undefined;
  readonly toggle: (key: string) => void;
}

export function Head<T>({ columns, sorting, toggle }: HeadProps<T>) {
  return (
    <div role="rowgroup" className="head">
      <div role="row" className="line" aria-rowindex={1}>
        {columns.map(({ key, name, end, sortable = true }) => {
          const state = sorting?.id === key ? (sorting.desc ? 'descending' : 'ascending') : 'none';
          return (
            <div key={key} role="columnheader" className={end ? 'end' : ''} aria-sort={sortable ? state : undefined}>
              {sortable ? (
                <button type="button" onClick={() => toggle(key)}>
                  {name} <span aria-hidden="true">{{ ascending: '↑', descending: '↓', none: '' }[state]}</span>
                </button>
              ) : (
                name
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

export interface LineProps<T> {
  readonly id: string;
  readonly of: T;
  readonly index: number;
  readonly columns: readonly Column<T>[];
  readonly selected: string | undefined;
  readonly onOpen: ((row: T) => void) | undefined;
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
  readonly style: CSSProperties | undefined;
  /** Tab stops here, of all rows. */
  readonly isStop: boolean;
}

export function Line<T>({ id, of, index, columns, selected, onOpen, measure, style, isStop }: LineProps<T>) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: its first cell is the button
    <div
      role="row"
      className="line"
      data-index={index}
      data-key={id}
      aria-rowindex={index + 2}
      aria-current={id === selected || undefined}
      data-opens={onOpen ? '' : undefined}
      ref={measure}
      style={style}
      onClick={(event) => !(event.target as HTMLElement).closest('a, button, input, select, label') && onOpen?.(of)}
    >
      {columns.map((column, at) => (
        <Cell key={column.key} column={column} of={of} isFirst={at === 0} onOpen={onOpen} isStop={isStop} />
      ))}
    </div>
  );
}

interface CellProps<T> {
  readonly column: Column<T>;
  readonly of: T;
  readonly isFirst: boolean;
  readonly onOpen: ((row: T) => void) | undefined;
  readonly isStop: boolean;
}

function Cell<T>({ column: { name, value, cell, end, phone = 'label' }, of, isFirst, onOpen, isStop }: CellProps<T>) {
  const plain = value(of);
  const content: ReactNode = cell ? cell(of) : typeof plain === 'number' ? plain.toLocaleString('en') : plain;
  const look = [end && 'end', phone === 'hide' && 'phone-hide'].filter(Boolean).join(' ');
  if (!isFirst) {
    return (
      <div role="cell" className={look}>
        {phone === 'label' && (
          <span className="cell-name" aria-hidden="true">
            {name}
          </span>
        )}
        {content}
      </div>
    );
  }
  return (
    <div role="rowheader" className={look}>
      {onOpen ? (
        <button type="button" className="open link" tabIndex={isStop ? 0 : -1} onClick={() => onOpen(of)}>
          {content}
        </button>
      ) : (
        content
      )}
    </div>
  );
}
