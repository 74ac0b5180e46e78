/** Rows that can be sorted and opened: an ARIA table. Of many rows only those in view are drawn, and on phones each row is a card. */

import { type CSSProperties, type FocusEvent, type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { useInView } from './in-view.js';
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

const MANY = 200; // rows
const COLLATOR = new Intl.Collator('en', { numeric: true });

const order = (one: unknown, other: unknown): number =>
  typeof one === 'number' && typeof other === 'number' ? one - other : COLLATOR.compare(String(one), String(other));

export interface Sorting {
  readonly id: string;
  readonly desc: boolean;
}

/** The rows in order, and the way to another order: of a column, the other way round, and as they came. */
function useSorted<T>({ rows, columns, sort }: TableProps<T>): {
  sorted: readonly T[];
  sorting: Sorting | undefined;
  toggle: (key: string) => void;
} {
  const [sorting, setSorting] = useState<Sorting | undefined>(sort && { id: sort.column, desc: sort.down ?? false });
  const sorted = useMemo(() => {
    const value = columns.find(({ key }) => key === sorting?.id)?.value;
    if (!sorting || !value) return rows;
    const way = sorting.desc ? -1 : 1;
    return rows
      .map((row) => ({ row, by: value(row) }))
      .sort(({ by: one }, { by: other }) => Number(one === undefined) - Number(other === undefined) || way * order(one, other))
      .map(({ row }) => row);
  }, [rows, columns, sorting]);
  const toggle = (key: string): void => {
    // What is a number begins with the largest.
    const desc = columns.find((column) => column.key === key)?.end ?? false;
    if (sorting?.id !== key) setSorting({ id: key, desc });
    else setSorting(sorting.desc === desc ? { id: key, desc: !desc } : undefined);
  };
  return { sorted, sorting, toggle };
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

export function Table<T>(props: TableProps<T>) {
  const { label, columns, rowKey, selected, onOpen, empty, height } = props;
  const { sorted, sorting, toggle } = useSorted(props);
  const scroller = useRef<HTMLDivElement>(null);
  // Tab stops at one row; arrow keys go on from there.
  const [stop, setStop] = useState(0);
  const isVirtual = height !== undefined && sorted.length > MANY;
  const [held, setHeld] = useState<number>();
  const inView = useInView(sorted.length, isVirtual, scroller, held);

  const drawn = isVirtual ? inView.drawn.map(({ index }) => index) : sorted.map((_, index) => index);
  const onlyStop = drawn.includes(stop) ? stop : drawn[0];

  function arrive({ target }: FocusEvent<HTMLElement>): void {
    const line = target.closest<HTMLElement>('[data-index]');
    setHeld(line ? Number(line.dataset.index) : undefined);
    if (line) setStop(Number(line.dataset.index));
  }

  function leave({ currentTarget, relatedTarget }: FocusEvent<HTMLElement>): void {
    if (!currentTarget.contains(relatedTarget)) setHeld(undefined);
  }

  /** Arrow keys go from row to row. */
  function walk(event: KeyboardEvent<HTMLElement>): void {
    const step = STEPS[event.key];
    const line = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (step === undefined || !line || !(event.target as HTMLElement).matches('.open')) return;
    event.preventDefault();
    const next = Math.min(sorted.length - 1, Math.max(0, Number(line.dataset.index) + step));
    const button = (): HTMLElement | null | undefined => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"] .open`);
    if (isVirtual) inView.show(next);
    // A row that was out of view is drawn first.
    if (button()) button()?.focus();
    else requestAnimationFrame(() => requestAnimationFrame(() => button()?.focus()));
  }

  if (sorted.length === 0 && empty) return <>{empty}</>;
  const line = (index: number, style?: CSSProperties): ReactNode => {
    const row = sorted[index];
    if (row === undefined) return null;
    const id = rowKey(row);
    const measure = isVirtual ? inView.measure : undefined;
    const isStop = index === onlyStop;
    return <Line key={id} id={id} of={row} {...{ index, columns, selected, onOpen, measure, style, isStop }} />;
  };
  const scrolls = height !== undefined && { tabIndex: 0, role: 'region', 'aria-label': `${label}, scrolls` };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys go between the buttons in it
    <div
      className="table cards"
      ref={scroller}
      style={tracks(columns, height)}
      {...scrolls}
      onKeyDown={walk}
      onFocus={arrive}
      onBlur={leave}
    >
      <div role="table" aria-label={label} aria-rowcount={sorted.length + 1}>
        <Head columns={columns} sorting={sorting} toggle={toggle} />
        <div role="rowgroup" className="body" style={isVirtual ? { height: inView.height } : undefined}>
          {isVirtual
            ? inView.drawn.map(({ index, start }) =>
                line(index, { position: 'absolute', inset: '0 0 auto', transform: `translateY(${start}px)` }),
              )
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
