/** All flags: searched, chosen by mouse or arrow keys, drawn anew where they changed. */

import type { Details } from '../types.js';
import { detailOf } from './detail.js';
import { button, el, empty, shown, write } from './dom.js';
import type { Registered } from './registry.js';
import type { View } from './view.js';

/** A flag's row. */
interface Row {
  readonly element: HTMLElement;
  readonly cells: readonly HTMLElement[];
  readonly badge: HTMLElement;
  details: Details<unknown>;
  fixed: string | undefined;
  /** What is searched, in lower case. */
  text: string;
}

const HEADS = ['Flag', 'Value', 'Variant', 'Reason'];

/** Which flags are shown. */
const FILTERS: readonly (readonly [string, (row: Row) => boolean])[] = [
  ['All flags', () => true],
  ['Overridden', ({ fixed }) => fixed !== undefined],
  ['Split', ({ details }) => details.reason === 'SPLIT'],
  ['Not decided', ({ details }) => details.reason === 'ERROR'],
];

/** How the reasons that matter are coloured. */
const STATES: Readonly<Record<string, string>> = { SPLIT: 'split', TARGETING_MATCH: 'good', STALE: 'warn', ERROR: 'bad' };

export function flagsView(): View {
  const flags = new FlagsView();
  return {
    title: 'Flags',
    element: flags.element,
    count: () => flags.count,
    update: (client) => flags.update(client),
    focus: () => flags.search.focus(),
  };
}

class FlagsView {
  readonly search = el('input', {
    type: 'search',
    placeholder: 'Search flags',
    'aria-label': 'Search flags',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  readonly #filter = el('select', { 'aria-label': 'Which flags' }, ...FILTERS.map(([name]) => el('option', {}, name)));
  readonly #found = el('span', { role: 'status' });
  readonly #undo = button('Undo all overrides', { hidden: true }, () => this.#client?.overrides.clear());
  readonly #rows = el('div', { role: 'rowgroup' });
  readonly #grid = el(
    'div',
    { role: 'grid', 'aria-label': 'Flags', class: 'grid' },
    el(
      'div',
      { role: 'rowgroup' },
      el('div', { role: 'row', class: 'row heads' }, ...HEADS.map((head) => el('span', { role: 'columnheader' }, head))),
    ),
    this.#rows,
  );
  readonly #none = el('div');
  readonly #list = el('div', { class: 'list' }, this.#grid, this.#none);
  readonly #detail = detailOf(() => this.#back());
  readonly element = el(
    'div',
    { class: 'view flags' },
    el('div', { class: 'bar' }, this.search, this.#filter, this.#found, this.#undo),
    this.#list,
    this.#detail.element,
  );
  #byKey = new Map<string, Row>();
  #client: Registered | undefined;
  #chosen: Row | undefined;
  #hint = '';
  count: number | undefined;

  constructor() {
    this.search.addEventListener('input', () => this.#sift());
    this.#filter.addEventListener('change', () => this.#sift());
    this.search.addEventListener('keydown', (event) => {
      // The first Escape empties the search.
      if (event.key === 'Escape' && this.search.value) {
        event.preventDefault();
        this.search.value = '';
        this.#sift();
      } else if (event.key === 'ArrowDown') {
        event.preventDefault();
        this.#go(this.#seen()[0]);
      }
    });
    this.#rows.addEventListener('keydown', (event) => this.#key(event));
    this.#rows.addEventListener('click', (event) => {
      const row = this.#rowOf(event.target);
      if (row) this.#choose(row, true);
    });
  }

  update(client: Registered): void {
    const isOther = client !== this.#client;
    const all = client.client.all();
    const fixed = client.overrides.all();
    const keys = Object.keys(all);
    const isNew = isOther || keys.length !== this.#byKey.size || keys.some((key) => !this.#byKey.has(key));
    this.#client = client;
    this.count = client.client.snapshot && keys.length;
    if (isNew) {
      this.#byKey = new Map(keys.map((key) => [key, rowOf(key)]));
      this.#rows.replaceChildren(...Array.from(this.#byKey.values(), ({ element }) => element));
    }
    let isChanged = isNew;
    for (const [key, row] of this.#byKey) isChanged = draw(row, all[key] as Details<unknown>, fixed[key], !isNew) || isChanged;
    this.#undo.hidden = !Object.keys(fixed).length;
    if (isNew) this.#choose(this.#byKey.get(this.#chosen?.details.flagKey ?? ''), false);
    const hint = client.client.snapshot ? '' : 'none';
    if (isChanged || hint !== this.#hint) this.#sift();
    this.#hint = hint;
    this.#detail.update(client, this.#chosen?.details);
  }

  /** Shows what is searched for. */
  #sift(): void {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [, fits] = FILTERS[this.#filter.selectedIndex] ?? ['', () => true];
    let found = 0;
    for (const row of this.#byKey.values()) {
      const isFound = fits(row) && words.every((word) => row.text.includes(word));
      row.element.hidden = !isFound;
      if (isFound) found++;
    }
    const all = this.#byKey.size;
    const number = (count: number): string => count.toLocaleString('en');
    write(this.#found, found === all ? `${number(all)} ${all === 1 ? 'flag' : 'flags'}` : `${number(found)} of ${number(all)}`);
    this.#grid.hidden = !found;
    this.#none.hidden = !!found;
    if (!found) this.#none.replaceChildren(this.#nothing(all));
    this.#rove();
  }

  #nothing(all: number): HTMLElement {
    if (!this.#client?.client.snapshot)
      return empty('No rules are active', 'Getters return the defaults of your code until a snapshot is adopted.');
    if (!all) return empty('These rules have no flags', 'Add one to the ruleset, and release it.');
    const show = button('Show all flags', {}, () => {
      this.search.value = '';
      this.#filter.selectedIndex = 0;
      this.#sift();
      this.search.focus();
    });
    return el(
      'div',
      { class: 'empty' },
      el('strong', {}, 'No flag matches'),
      el('p', {}, 'Keys, values, variants and reasons are searched.'),
      show,
    );
  }

  #seen(): Row[] {
    return [...this.#byKey.values()].filter(({ element }) => !element.hidden);
  }

  #rowOf(target: EventTarget | null): Row | undefined {
    const element = (target as Element | null)?.closest?.('[role=row]');
    return this.#byKey.get(element?.getAttribute('data-key') ?? '');
  }

  /** One row is reached by Tab: the chosen one, or the first. */
  #rove(): void {
    const seen = this.#seen();
    const reached = this.#chosen && seen.includes(this.#chosen) ? this.#chosen : seen[0];
    for (const row of seen) {
      const index = row === reached ? 0 : -1;
      if (row.element.tabIndex !== index) row.element.tabIndex = index;
    }
  }

  #key(event: KeyboardEvent): void {
    const seen = this.#seen();
    const at = seen.indexOf(this.#rowOf(event.target) as Row);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: seen.length - 1 }[event.key];
    if (event.key === 'Enter' || event.key === ' ') this.#choose(seen[at], true);
    else if (to === undefined) return;
    else if (to < 0 && event.key === 'ArrowUp') this.search.focus();
    else this.#go(seen[Math.max(0, Math.min(to, seen.length - 1))]);
    event.preventDefault();
  }

  #go(row: Row | undefined): void {
    if (!row) return;
    // Beside the list, the detail follows.
    if (!isNarrow()) this.#choose(row, false);
    for (const { element } of this.#byKey.values()) if (element.tabIndex === 0) element.tabIndex = -1;
    row.element.tabIndex = 0;
    row.element.focus();
    row.element.scrollIntoView({ block: 'nearest' });
  }

  #choose(row: Row | undefined, isAsked: boolean): void {
    this.#chosen?.element.setAttribute('aria-selected', 'false');
    row?.element.setAttribute('aria-selected', 'true');
    this.#chosen = row;
    this.#rove();
    if (isAsked || !row) this.element.classList.toggle('chosen', !!row);
    if (this.#client) this.#detail.update(this.#client, row?.details);
    if (isAsked && row && isNarrow()) this.#detail.focus();
  }

  /** From a flag to the list, where they take turns. */
  #back(): void {
    this.element.classList.remove('chosen');
    this.#chosen?.element.focus();
  }
}

function isNarrow(): boolean {
  return !!globalThis.matchMedia?.('(max-width: 700px)').matches;
}

function rowOf(key: string): Row {
  const badge = el('span', { class: 'badge' });
  const cells = [
    el('span', { role: 'gridcell', class: 'mono' }, key),
    ...['mono', '', ''].map((name) => el('span', { role: 'gridcell', class: name })),
  ];
  cells[3]?.append(badge);
  const element = el('div', { role: 'row', class: 'row', tabindex: '-1', 'aria-selected': 'false', 'data-key': key }, ...cells);
  element.addEventListener('animationend', () => element.classList.remove('changed'));
  return { element, cells, badge, details: {} as Details<unknown>, fixed: undefined, text: '' };
}

/** Draws a flag where it is another than before. Returns whether it is. */
function draw(row: Row, details: Details<unknown>, fixed: string | undefined, isNoticed: boolean): boolean {
  if (row.details === details && row.fixed === fixed) return false;
  const before = `${row.text}`;
  const { flagKey, value, variant = '', reason, errorCode, flagMetadata } = details;
  const text = reason === 'ERROR' ? '' : shown(value);
  const told = flagMetadata.killed ? 'KILLED' : fixed === undefined ? (errorCode ?? reason) : 'OVERRIDDEN';
  row.details = details;
  row.fixed = fixed;
  row.text = `${flagKey} ${text} ${variant} ${told}`.toLowerCase();
  if (row.text === before) return false;
  const [, valueCell, variantCell] = row.cells;
  if (valueCell) write(valueCell, text.slice(0, 200));
  if (variantCell) write(variantCell, variant);
  write(row.badge, told);
  row.badge.setAttribute('data-state', fixed === undefined ? (STATES[reason] ?? '') : 'warn');
  row.element.classList.toggle('fixed', fixed !== undefined);
  if (isNoticed) row.element.classList.add('changed');
  return true;
}
