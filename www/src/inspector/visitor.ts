/** Whom the page is previewed as: people to choose, and each attribute to change. */

import type { Context } from 'waft';
import { h, panel, put } from '../dom.js';
import { ATTRIBUTES, PERSONAS, stranger } from '../personas.js';
import type { Session } from '../session.js';

export function visitorPanel(session: Session): HTMLElement {
  const people = h('div', { class: 'people', role: 'group', 'aria-label': 'Choose a visitor' });
  const fields = h('div', { class: 'fields' });
  const problem = session.client.status().code;

  const counts = h('input', { type: 'checkbox', id: 'counts', change: () => session.become(session.context, counts.checked) });
  session.watch(() => {
    counts.checked = session.counts;
    put(
      people,
      PERSONAS.map(({ id, name, about, context }) =>
        h(
          'button',
          {
            type: 'button',
            id: `persona-${id}`,
            class: 'person',
            'aria-pressed': String(context === session.context),
            click: () => choose(`persona-${id}`, context),
          },
          h('span', { class: 'avatar', 'aria-hidden': 'true' }, name.charAt(0)),
          h('span', {}, h('strong', {}, name), h('small', {}, about)),
        ),
      ),
      h(
        'button',
        { type: 'button', id: 'visitor-random', class: 'person', click: () => choose('visitor-random', stranger()) },
        h('span', { class: 'avatar dashed', 'aria-hidden': 'true' }, '?'),
        h('span', {}, h('strong', {}, 'New visitor'), h('small', {}, 'A random id')),
      ),
    );
    // While somebody types, the fields are theirs.
    if (!fields.contains(document.activeElement))
      put(
        fields,
        Object.keys(ATTRIBUTES).map((name) => field(session, name)),
      );
    fields.dataset.context = JSON.stringify(session.context);
  });

  /** Decides for somebody, and gives the focus back to the button, which was made anew. */
  function choose(button: string, context: Context): void {
    session.become(context);
    document.getElementById(button)?.focus({ preventScroll: true });
  }

  return panel(
    'visitor',
    'Preview as',
    problem && h('p', { class: 'alert', role: 'alert' }, `No snapshot is active (${problem}): the shop shows its defaults.`),
    people,
    h('label', { class: 'inline' }, counts, ' Count me: what the shop shows is an exposure. Typing an attribute turns it off.'),
    details(fields),
  );
}

const details = (fields: HTMLElement): HTMLElement =>
  h(
    'details',
    {},
    h('summary', {}, 'Attributes'),
    h('p', { class: 'note' }, 'They stay in this browser. An empty field is a missing attribute.'),
    fields,
  );

function field(session: Session, name: string): HTMLElement {
  const { type = 'text', hint, values } = ATTRIBUTES[name] ?? {};
  const value = session.context[name];
  const change = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    const next = { ...session.context, [name]: parse(type, value) };
    if (next[name] === undefined) delete (next as Record<string, unknown>)[name];
    // Each letter is another visitor: none of them is counted.
    session.become(next, false);
  };
  const id = `attribute-${name}`;
  const options = values ?? (type === 'boolean' ? ['true', 'false'] : undefined);
  const input = options
    ? h(
        'select',
        { id, change },
        ['', ...options].map((option) => h('option', { value: option, selected: option === String(value ?? '') }, option || '(missing)')),
      )
    : h('input', {
        id,
        type: type === 'list' ? 'text' : type,
        placeholder: hint ?? 'missing',
        value: shown(value),
        autocomplete: 'off',
        spellcheck: 'false',
        input: change,
      });
  return h('label', { for: id }, h('span', {}, name), input);
}

function shown(value: unknown): string {
  return value === undefined ? '' : Array.isArray(value) ? value.join(', ') : String(value);
}

function parse(type: string, text: string): unknown {
  if (text === '') return undefined;
  if (type === 'list')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
  if (type === 'number') return Number(text);
  if (type === 'boolean') return text === 'true';
  return text;
}
