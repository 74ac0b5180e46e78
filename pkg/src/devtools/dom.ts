/** Elements, made of texts that nobody parses. */

type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** An element. An attribute that is true is empty; one that is false or undefined is absent. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/** A button, and what it does. */
export function button(text: string, attributes: Attributes, press: () => void): HTMLButtonElement {
  const made = el('button', { type: 'button', ...attributes }, text);
  made.addEventListener('click', press);
  return made;
}

/** Replaces a text if it is another: selections and screen readers are left alone otherwise. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Names and values, in two columns. */
export function facts(pairs: readonly (readonly [string, Node | string])[]): HTMLElement {
  return el('dl', {}, ...pairs.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

/** A table with a caption for those who do not see it. Rows are lists of cells, of which the first is a heading. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly (Node | string)[])[]): HTMLElement {
  const cells = (row: readonly (Node | string)[]): HTMLElement[] =>
    row.map((cell, index) =>
      index ? el('td', { role: 'cell', 'data-head': heads[index] }, cell) : el('th', { role: 'rowheader', scope: 'row' }, cell),
    );
  const headers = heads.map((head) => el('th', { role: 'columnheader', scope: 'col' }, head));
  return el(
    'div',
    { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': caption },
    // On phones, rows are drawn as cards: the roles say that it is a table nevertheless.
    el(
      'table',
      { role: 'table', 'aria-label': caption },
      el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ...headers)),
      el('tbody', { role: 'rowgroup' }, ...rows.map((row) => el('tr', { role: 'row' }, ...cells(row)))),
    ),
  );
}

/** What is said in place of what is not there. */
export function empty(title: string, ...more: (Node | string)[]): HTMLElement {
  return el('div', { class: 'empty' }, el('strong', {}, title), el('p', {}, ...more));
}

/** A value, as JSON; in one line unless told otherwise. */
export function shown(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent) ?? String(value);
}

/** When, by the visitor's own habits. */
export function moment(milliseconds: number): string {
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toLocaleString() : 'unknown';
}

/** How long from now, as `in 3 days` or `3 hours ago`. */
export function away(milliseconds: number): string {
  const seconds = (milliseconds - Date.now()) / 1_000;
  const [size, unit] = (
    [
      [86_400, 'day'],
      [3_600, 'hour'],
      [60, 'minute'],
      [1, 'second'],
    ] as const
  ).find(([size]) => Math.abs(seconds) >= size) ?? [1, 'second'];
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}
