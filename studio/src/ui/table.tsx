/**
 * Rows that can be sorted and opened. Of many rows only those in view are drawn, and on phones each row is a card. TanStack Table sorts, TanStack
 * Virtual knows what is in view; the markup is an ARIA table.
 */

import { createSortedRowModel, rowSortingFeature, type SortingState, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type FocusEvent, type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { Head, Line } from './rows.js';

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
  readonly onOpen?: ((row: T) => void) | undefined;
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

const order = (one: unknown, other: unknown): number =>
  typeof one === 'number' && typeof other === 'number' ? one - other : COLLATOR.compare(String(one), String(other));

/** A row as the table knows it. */
interface Sorted<T> {
  readonly id: string;
  readonly original: T;
}

/** The rows in order, and the way to another order. */
function useSorted<T>({ rows, columns, rowKey, sort }: TableProps<T>): {
  sorted: readonly Sorted<T>[];
  sorting: SortingState;
  toggle: (key: string) => void;
} {
  const [sorting, setSorting] = useState<SortingState>(sort ? [{ id: sort.column, desc: sort.down ?? false }] : []);
  const told = useMemo(
    () =>
      columns.map(({ key, value, sortable = true, end = false }) => ({
        id: key,
        accessorFn: value,
        enableSorting: sortable,
        sortDescFirst: end,
        sortUndefined: 'last' as const,
        sortFn: (one: { getValue(id: string): unknown }, other: { getValue(id: string): unknown }, id: string) =>
          order(one.getValue(id), other.getValue(id)),
      })),
    [columns],
  );
  const table = useTable({
    features: FEATURES,
    data: rows as T[] & object[],
    columns: told as never,
    getRowId: (row) => rowKey(row as T),
    state: { sorting },
    onSortingChange: setSorting,
  });
  const sorted = table.getRowModel().rows as unknown as readonly Sorted<T>[];
  return { sorted, sorting, toggle: (key) => table.getColumn(key)?.toggleSorting() };
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

export function Table<T>(props: TableProps<T>) {
  const { label, columns, selected, onOpen, empty, height } = props;
  const { sorted, sorting, toggle } = useSorted(props);
  const scroller = useRef<HTMLDivElement>(null);
  // Tab stops at one row; arrow keys go on from there.
  const [stop, setStop] = useState(0);
  const isVirtual = height !== undefined && sorted.length > MANY;
  const virtual = useVirtualizer({
    count: sorted.length,
    enabled: isVirtual,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    overscan: 12,
  });

  const drawn = isVirtual ? virtual.getVirtualItems().map(({ index }) => index) : sorted.map((_, index) => index);
  const onlyStop = drawn.includes(stop) ? stop : drawn[0];

  function arrive({ target }: FocusEvent<HTMLElement>): void {
    const line = target.closest<HTMLElement>('[data-index]');
    if (line) setStop(Number(line.dataset.index));
  }

  /** Arrow keys go from row to row. */
  function walk(event: KeyboardEvent<HTMLElement>): void {
    const step = STEPS[event.key];
    const line = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (step === undefined || !line || !(event.target as HTMLElement).matches('.open')) return;
    event.preventDefault();
    const next = Math.min(sorted.length - 1, Math.max(0, Number(line.dataset.index) + step));
    const button = (): HTMLElement | null | undefined => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"] .open`);
    if (isVirtual) virtual.scrollToIndex(next);
    // A row that was out of view is drawn first.
    if (button()) button()?.focus();
    else requestAnimationFrame(() => requestAnimationFrame(() => button()?.focus()));
  }

  if (sorted.length === 0 && empty) return <>{empty}</>;
  const line = (index: number, style?: CSSProperties): ReactNode => {
    const row = sorted[index];
    const measure = isVirtual ? virtual.measureElement : undefined;
    const isStop = index === onlyStop;
    return row && <Line key={row.id} id={row.id} of={row.original} {...{ index, columns, selected, onOpen, measure, style, isStop }} />;
  };
  const scrolls = height !== undefined && { tabIndex: 0, role: 'region', 'aria-label': `${label}, scrolls` };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys go between the buttons in it
    <div className="table cards" ref={scroller} style={tracks(columns, height)} {...scrolls} onKeyDown={walk} onFocus={arrive}>
      <div role="table" aria-label={label} aria-rowcount={sorted.length + 1}>
        <Head columns={columns} sorting={sorting[0]} toggle={toggle} />
        <div role="rowgroup" className="body" style={isVirtual ? { height: virtual.getTotalSize() } : undefined}>
          {isVirtual
            ? virtual
                .getVirtualItems()
                .map(({ index, start }) => line(index, { position: 'absolute', inset: '0 0 auto', transform: `translateY(${start}px)` }))
            : drawn.map((index) => line(index))}
        </div>
      </div>
    </div>
  );
}

/** Each row is a grid of its own: no track may depend on what is in it. */
function tracks<T>(columns: readonly Column<T>[], height: string | undefined): CSSProperties {
  const all = columns.map(({ width, end }) => (width === '1fr' ? 'minmax(8rem, 1fr)' : (width ?? (end ? '6.5rem' : 'minmax(8rem, 1fr)'))));
  const least = all.reduce((sum, track) => sum + Number(/([\d.]+)rem/.exec(track)?.[1] ?? 6), 0);
  return { '--columns': all.join(' '), '--least': `${least}rem`, maxHeight: height } as CSSProperties;
}
