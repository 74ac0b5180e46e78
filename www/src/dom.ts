/** Elements without a framework. */

type Attributes = Record<string, string | number | boolean | undefined | ((event: Event) => void)>;
export type Child = Node | string | number | false | undefined | null;

/** Makes an element. Attributes that are functions are listeners; `false` and `undefined` leave an attribute out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  put(element, ...children);
  return element;
}

/** Replaces what is in an element. */
export function put(element: Element, ...children: readonly (Child | readonly Child[])[]): void {
  const nodes = children
    .flat()
    .filter((child): child is Node | string | number => child !== false && child !== undefined && child !== null);
  element.replaceChildren(...nodes.map((child) => (typeof child === 'number' ? String(child) : child)));
}

/** An SVG drawing from its markup, which is ours. */
export function drawing(markup: string, label?: string): SVGElement {
  const box = document.createElement('template');
  box.innerHTML = `<svg xmlns="http://www.w3.org/2000/svg" ${label ? `role="img" aria-label="${label}"` : 'aria-hidden="true"'} ${markup}</svg>`;
  return box.content.firstElementChild as SVGElement;
}

/** A panel of the inspector. */
export function panel(id: string, title: string, ...children: readonly (Child | readonly Child[])[]): HTMLElement {
  return h('section', { class: 'panel', 'aria-labelledby': `${id}-title`, id }, h('h2', { id: `${id}-title` }, title), ...children);
}
