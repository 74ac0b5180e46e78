/** Tabs, as ARIA's authoring practices have them: arrow keys, Home and End choose. */

import { button, el, write } from './dom.js';
import type { Registered } from './registry.js';
import type { View } from './view.js';

export class Tabs {
  readonly list = el('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Views' });
  readonly panels: readonly HTMLElement[];
  readonly #views: readonly View[];
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #changed: () => void;
  /** The chosen view, by its place. */
  chosen = 0;

  constructor(views: readonly View[], changed: () => void) {
    this.#views = views;
    this.#changed = changed;
    this.#buttons = views.map(({ title }, index) =>
      button(title, { role: 'tab', id: `tab-${index}`, 'aria-controls': `view-${index}` }, () => this.choose(index)),
    );
    this.panels = views.map(({ element }, index) => {
      element.id = `view-${index}`;
      element.setAttribute('role', 'tabpanel');
      element.setAttribute('aria-labelledby', `tab-${index}`);
      return element;
    });
    this.list.append(...this.#buttons);
    this.list.addEventListener('keydown', ({ key }) => {
      const last = views.length - 1;
      const next = { ArrowRight: this.chosen + 1, ArrowLeft: this.chosen - 1, Home: 0, End: last }[key];
      if (next === undefined) return;
      this.choose(next < 0 ? last : next > last ? 0 : next);
      this.#buttons[this.chosen]?.focus();
    });
  }

  choose(index: number): void {
    this.chosen = this.#views[index] ? index : 0;
    for (const [at, tab] of this.#buttons.entries()) {
      tab.setAttribute('aria-selected', String(at === this.chosen));
      tab.tabIndex = at === this.chosen ? 0 : -1;
    }
    this.#changed();
  }

  /** Shows the chosen view of a client; none without one. */
  update(client: Registered | undefined): void {
    this.list.hidden = !client;
    for (const [index, view] of this.#views.entries()) {
      const isShown = !!client && index === this.chosen;
      view.element.hidden = !isShown;
      const count = client && view.count?.(client);
      const tab = this.#buttons[index];
      if (tab) write(tab, count === undefined ? view.title : `${view.title} (${count.toLocaleString('en')})`);
      if (isShown) view.update(client);
    }
  }

  /** Gives the focus to the chosen view. */
  focus(): void {
    const view = this.#views[this.chosen];
    if (view?.focus) view.focus();
    else this.#buttons[this.chosen]?.focus();
  }
}
