/** What the collector has stored: a live count per variant. */

import { h, panel, put } from '../dom.js';
import type { Session } from '../session.js';

const EVERY = 2_000; // milliseconds

interface Counts {
  readonly total: number;
  readonly receipts: number;
  readonly experiments: readonly {
    readonly experiment: string;
    readonly phase: number;
    readonly variants: readonly { readonly variant: string; readonly exposures: number }[];
  }[];
}

export function countsPanel(session: Session): HTMLElement {
  const list = h('div', { class: 'counts' });
  const state = h('p', { class: 'note', role: 'status' });
  let shown = '';

  async function refresh(): Promise<void> {
    try {
      const response = await fetch('/api/exposures', { cache: 'no-store' });
      if (!response.ok) throw new Error(String(response.status));
      show((await response.json()) as Counts);
    } catch {
      shown = '';
      put(state, 'The collector cannot be reached. Exposures wait in this browser.');
    }
  }

  function show(counts: Counts): void {
    const { queued } = session.client.status();
    const text = JSON.stringify([counts, queued]);
    // What has not changed is left alone: a reader's place is kept.
    if (text === shown) return;
    shown = text;
    put(
      list,
      counts.experiments.map(({ experiment, phase, variants }) => {
        const sum = Math.max(1, variants.reduce((total, { exposures }) => total + exposures, 0));
        return h(
          'div',
          { class: 'experiment' },
          h('h3', {}, experiment, ' ', h('small', {}, `phase ${phase}`)),
          variants.map(({ variant, exposures }) =>
            h(
              'div',
              { class: 'bar' },
              h('span', {}, variant),
              h('meter', { min: '0', max: sum, value: exposures, 'aria-label': `${variant}: share of exposures` }),
              h('span', { 'data-count': `${experiment}/${variant}`, class: 'count' }, exposures),
            ),
          ),
        );
      }),
    );
    const waiting = queued > 0 ? `, ${queued} on the way` : '';
    put(state, counts.total === 0 ? `Nothing stored yet${waiting}.` : `${counts.total} stored once each, ${counts.receipts} received${waiting}.`);
  }

  setInterval(() => {
    if (document.visibilityState === 'visible') void refresh();
  }, EVERY);
  session.client.on('exposure', () => void session.client.flush().then(refresh));
  void refresh();
  return panel('counts', 'Stored exposures', list, state);
}
