/** The context: which attributes the client has, and which of them its rules know. */

import type { Context } from '../types.js';
import { el, empty, shown, table, write } from './dom.js';
import type { Registered } from './registry.js';
import type { View } from './view.js';

export function contextView(): View {
  const content = el('div');
  const note = el('p', { class: 'soft' });
  const element = el('div', { class: 'view' }, note, content);
  let drawn = '';
  return {
    title: 'Context',
    element,
    update(client) {
      const rows = rowsOf(client);
      const text = JSON.stringify(rows);
      const missing = rows.filter(([, , , state]) => state === 'missing').length;
      write(
        note,
        !rows.length
          ? ''
          : missing
            ? `${missing} of the attributes that the rules know ${missing > 1 ? 'are' : 'is'} missing: conditions on missing attributes are unknown.`
            : 'Conditions compare these attributes.',
      );
      if (text === drawn) return;
      drawn = text;
      content.replaceChildren(
        rows.length
          ? table(
              'Attributes of the context',
              ['Attribute', 'Value', 'Type', 'For the rules'],
              rows.map(([name, value, type, state, told]) => [
                name,
                el('code', {}, value),
                type,
                el('span', { class: 'badge', 'data-state': state === 'missing' ? 'warn' : state === 'known' ? 'good' : '' }, told),
              ]),
            )
          : empty('Nobody is known', 'The context has no attributes: pass context to createClient, or call client.setContext.'),
      );
    },
  };
}

/** Name, value, type, state and what is said of it. */
function rowsOf(client: Registered): [string, string, string, string, string][] {
  const context: Context = client.context();
  const known = client.attributes();
  const has = (name: string): boolean => Object.hasOwn(context, name) && context[name] !== undefined && context[name] !== null;
  const row = (name: string, unit?: string): [string, string, string, string, string] => {
    const value: unknown = has(name) ? context[name] : undefined;
    if (value === undefined) return [name, '–', '', 'missing', unit ? `missing unit: ${unit}` : 'missing'];
    const type = Array.isArray(value) ? 'list' : value instanceof Date ? 'date' : typeof value;
    return [name, shown(value), type, 'known', unit ? `unit: ${unit}` : 'known'];
  };
  const others = Object.keys(context).filter((name) => !known.some((attribute) => attribute.name === name));
  return [
    ...known.map(({ name, unit }) => row(name, unit)),
    ...others.map((name): [string, string, string, string, string] => {
      const [, value, type] = row(name);
      return [name, value, type, 'other', client.client.snapshot ? 'no rule asks for it' : 'no rules yet'];
    }),
  ];
}
