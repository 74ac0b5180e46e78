/** Every flag as it evaluates for this visitor, and the steps to it. Looking makes no exposure: all of it is `peek`. */

import { h, panel, put } from '../dom.js';
import type { Session } from '../session.js';
import { trace } from './trace.js';

const REASONS: Readonly<Record<string, string>> = {
  STATIC: 'no rules',
  DEFAULT: 'default',
  TARGETING_MATCH: 'targeting rule',
  SPLIT: 'experiment',
  DISABLED: 'off',
  STALE: 'expired',
  ERROR: 'code fallback',
};

export function flagsPanel(session: Session, keys: readonly string[]): HTMLElement {
  const body = h('tbody');
  const why = h('div', { class: 'why', id: 'why', 'aria-live': 'polite' });
  let selected: string | undefined;
  /** A flag was just clicked: its trace comes into view. */
  let isChosen = false;

  const show = (): void => {
    put(body, keys.map(row));
    void explainSelected();
  };

  function row(key: string): HTMLElement {
    const { value, variant, reason } = session.client.peek<unknown>(key, undefined);
    const json = JSON.stringify(value ?? null);
    const select = (): void => {
      selected = key === selected ? undefined : key;
      isChosen = selected !== undefined;
      show();
      document.getElementById(`flag-${key}`)?.focus({ preventScroll: true });
    };
    return h(
      'tr',
      { 'data-flag': key, 'data-value': json, 'data-variant': variant, 'data-reason': reason, class: key === selected ? 'selected' : '' },
      h(
        'th',
        { scope: 'row' },
        h(
          'button',
          {
            type: 'button',
            id: `flag-${key}`,
            class: 'link',
            'aria-expanded': String(key === selected),
            'aria-controls': 'why',
            click: select,
          },
          key,
        ),
      ),
      h('td', {}, h('span', { class: 'variant' }, variant ?? '–'), h('code', { title: json }, json)),
      h('td', {}, h('span', { class: `reason ${reason.toLowerCase()}`, title: reason }, REASONS[reason] ?? reason)),
    );
  }

  async function explainSelected(): Promise<void> {
    const { bytes, trust, context } = session;
    if (!bytes) return put(why);
    try {
      const { flags } = (await session.studio()).explain({ snapshot: bytes, trust, context });
      const explained = selected === undefined ? undefined : flags[selected];
      if (!selected || !explained) return put(why, h('p', { class: 'note' }, 'Choose a flag to see why.'));
      put(why, h('h3', {}, `Why ${selected} is ${explained.variant ?? 'its default'}`), trace(explained.trace));
      // The table may be longer than the window.
      if (isChosen) why.scrollIntoView({ block: 'nearest' });
      isChosen = false;
    } catch (error) {
      put(why, h('p', { class: 'alert' }, `The explanation is not at hand: ${(error as Error).message}`));
    }
  }

  const table = h(
    'table',
    { class: 'flags' },
    h(
      'thead',
      {},
      h('tr', {}, h('th', { scope: 'col' }, 'Flag'), h('th', { scope: 'col' }, 'Variant and value'), h('th', { scope: 'col' }, 'Reason')),
    ),
    body,
  );
  session.watch(show);
  return panel(
    'flags',
    'Flags for this visitor',
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Flags' }, table),
    why,
  );
}
