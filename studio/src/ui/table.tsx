/**
 * Rows that can be sorted and opened. Of many rows only those in view are drawn, and on phones each row is a card. TanStack Table sorts, TanStack
 * Virtual knows what is in view; the markup is an ARIA table.
 */

import { createSortedRowModel, rowSortingFeature, type SortingState, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';

export interface Column<T> {
  readonly key: string;
  readonly name: string;
  /** What it is sorted by, and shown unless there is `cell`. Undefined comes last. */
  readonly value: (row: T) => string | number | undefined;
  readonly cell?: (row: T) => ReactNode;
  /** Numbers stand at the end, each digit as wide as another. */
  readonly end?: boolean;
  /** A track of a grid: '1fr', '8rem'. */
  readonly width?: string;
  /** On phones: left out, or with its name before it, as by default. */
  readonly phone?: 'hide' | 'label' | 'bare';
  readonly sortable?: boolean;
}

export interface TableProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  /** The key of the row that is shown elsewhere on the page. */
  readonly selected?: string | undefined;
  readonly onOpen?: (row: T) => void;
  readonly sort?: { readonly column: string; readonly down?: boolean };
  /** In place of rows. */
  readonly empty?: ReactNode;
  /** It scrolls by itself within this height: needed for more than 200 rows. */
  readonly height?: string;
}

const FEATURES = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
const MANY = 200; // rows
const HEIGHT = 34; // pixels, before a row is measured
const COLLATOR = new Intl.Collator('en', { numeric: true });

function order(one: unknown, other: unknown): number {
  return typeof one === 'number' && typeof other === 'number' ? one - other : COLLATOR.compare(String(one), String(other));
}

export function Table<T>({ label, rows, columns, rowKey, selected, onOpen, sort, empty, height }: TableProps<T>) {
  const [sorting, setSorting] = useState<SortingState>(sort ? [{ id: sort.column, desc: sort.down ?? false }] : []);
  const scroller = useRef<HTMLDivElement>(null);
  const table = useTable({
    features: FEATURES,
    data: rows as T[] & object[],
    columns: useMemo(
      () =>
        columns.map(({ key, value, sortable = true, end = false }) => ({
          id: key,
          accessorFn: (row: T) => value(row),
          enableSorting: sortable,
          sortDescFirst: end,
          sortUndefined: 'last' as const,
          sortFn: (one: { getValue(id: string): unknown }, other: { getValue(id: string): unknown }, id: string) =>
            order(one.getValue(id), other.getValue(id)),
        })),
      [columns],
    ) as never,
    getRowId: (row) => rowKey(row as T),
    state: { sorting },
    onSortingChange: setSorting,
  });
  const sorted = table.getRowModel().rows;
  const isVirtual = height !== undefined && sorted.length > MANY;
  const virtual = useVirtualizer({
    count: sorted.length,
    enabled: isVirtual,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    overscan: 12,
  });
  const [first] = columns;

  /** Arrow keys go from row to row. */
  function walk(event: KeyboardEvent<HTMLElement>): void {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY }[event.key];
    const line = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (step === undefined || !line || !(event.target as HTMLElement).matches('.open')) return;
    event.preventDefault();
    const next = Math.min(sorted.length - 1, Math.max(0, Number(line.dataset.index) + step));
    const focus = (): boolean => {
      const button = scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"] .open`);
      button?.focus();
      return button !== null;
    };
    if (isVirtual) virtual.scrollToIndex(next);
    if (!focus()) requestAnimationFrame(() => requestAnimationFrame(focus));
  }

  const line = (index: number, style?: React.CSSProperties): ReactNode => {
    const row = sorted[index];
    if (!row || !first) return null;
    const of = row.original as T;
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: its first cell is the button
      <div
        key={row.id}
        role="row"
        className="line"
        data-index={index}
        data-key={row.id}
        aria-rowindex={index + 2}
        aria-current={row.id === selected || undefined}
        data-opens={onOpen ? '' : undefined}
        ref={isVirtual ? virtual.measureElement : undefined}
        style={style}
        onClick={(event) => !(event.target as HTMLElement).closest('a, button, input, select, label') && onOpen?.(of)}
      >
        {columns.map((column) => {
          const { key, name, value, cell, end, phone = 'label' } = column;
          const content = cell ? cell(of) : typeof value(of) === 'number' ? value(of)?.toLocaleString('en') : value(of);
          const look = [end && 'end', phone === 'hide' && 'phone-hide'].filter(Boolean).join(' ');
          if (column === first) {
            return (
              <div key={key} role="rowheader" className={look}>
                {onOpen ? (
                  <button type="button" className="open" onClick={() => onOpen(of)}>
                    {content}
                  </button>
                ) : (
                  content
                )}
              </div>
            );
          }
          return (
            <div key={key} role="cell" className={look}>
              {phone === 'label' && (
                <span className="cell-name" aria-hidden="true">
                  {name}
                </span>
              )}
              {content}
            </div>
          );
        })}
      </div>
    );
  };

  if (sorted.length === 0 && empty) return <>{empty}</>;
  // Each row is a grid of its own: no track may depend on what is in it.
  const tracks = columns.map(({ width, end }) =>
    width === '1fr' ? 'minmax(8rem, 1fr)' : (width ?? (end ? '6.5rem' : 'minmax(8rem, 1fr)')),
  );
  const least = tracks.reduce((sum, track) => sum + Number(/([\d.]+)rem/.exec(track)?.[1] ?? 6), 0);
  const scrolls = height !== undefined;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys go between the buttons in it
    <div
      className="table cards"
      ref={scroller}
      style={{ '--columns': tracks.join(' '), '--least': `${least}rem`, maxHeight: height } as React.CSSProperties}
      {...(scrolls && { tabIndex: 0, role: 'region', 'aria-label': `${label}, scrolls` })}
      onKeyDown={walk}
    >
      <div role="table" aria-label={label} aria-rowcount={sorted.length + 1}>
        <div role="rowgroup" className="head">
          <div role="row" className="line" aria-rowindex={1}>
            {columns.map(({ key, name, end, sortable = true }) => {
              const state = sorting[0]?.id === key ? (sorting[0].desc ? 'descending' : 'ascending') : undefined;
              return (
                <div key={key} role="columnheader" className={end ? 'end' : ''} aria-sort={sortable ? (state ?? 'none') : undefined}>
                  {sortable ? (
                    <button type="button" onClick={() => table.getColumn(key)?.toggleSorting()}>
                      {name} <span aria-hidden="true">{state === 'ascending' ? '↑' : state === 'descending' ? '↓' : ''}</span>
                    </button>
                  ) : (
                    name
                  )}
                </div>
              );
            })}
          </div>
        </div>
        <div role="rowgroup" className="body" style={isVirtual ? { height: virtual.getTotalSize() } : undefined}>
          {isVirtual
            ? virtual
                .getVirtualItems()
                .map(({ index, start }) => line(index, { position: 'absolute', inset: '0 0 auto', transform: `translateY(${start}px)` }))
            : sorted.map((_, index) => line(index))}
        </div>
      </div>
    </div>
  );
}
