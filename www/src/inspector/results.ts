/** What came of it so far: units per variant, whether they are split as planned, and the answer, live from the collector. */

import { h, panel, put, type Child } from '../dom.js';
import type { Session } from '../session.js';

const EVERY = 2_000; // milliseconds

/** As much of `waft report --format json` as is shown. */
interface Report {
  readonly studies: readonly Study[];
}

interface Study {
  readonly kind: 'experiment' | 'holdout' | 'ramp';
  readonly name: string;
  readonly phase: number;
  readonly unit: string;
  readonly answer: string;
  readonly arms: readonly { readonly variant: string; readonly units: number; readonly planned: number }[];
  readonly sampleRatio: { readonly alarm: boolean; readonly p: number } | null;
  readonly arrival: { readonly exposures: number; readonly receipts: number };
}

export function resultsPanel(session: Session): HTMLElement {
  const list = h('div', { class: 'results' });
  const state = h('p', { class: 'note', role: 'status' });
  const whole = h('p', { class: 'note' }, h('a', { href: '/report' }, 'The whole report'));
  let shown = '';

  async function refresh(): Promise<void> {
    try {
      const response = await fetch('/api/report', { cache: 'no-store' });
      if (!response.ok) throw new Error(String(response.status));
      show((await response.json()) as Report);
    } catch {
      shown = '';
      put(state, 'The collector cannot be reached. Exposures wait in this browser.');
    }
  }

  function show(report: Report): void {
    const { queued } = session.client.status();
    const met = report.studies.filter(({ arrival }) => arrival.exposures > 0);
    const text = JSON.stringify([met, queued]);
    // What has not changed is left alone: a reader's place is kept.
    if (text === shown) return;
    shown = text;
    put(list, met.map(study));
    const sum = (of: 'exposures' | 'receipts') => met.reduce((total, { arrival }) => total + arrival[of], 0);
    const waiting = queued > 0 ? `, ${queued} on the way` : '';
    put(
      state,
      met.length === 0
        ? `No exposures yet${waiting}.`
        : `${sum('exposures')} unique exposures (${sum('receipts')} received, duplicates removed)${waiting}.`,
    );
  }

  setInterval(() => {
    if (document.visibilityState === 'visible') void refresh();
  }, EVERY);
  session.client.on('exposure', () => void session.client.flush().then(refresh));
  void refresh();
  return panel('results', 'Results so far', list, state, whole);
}

function study({ kind, name, phase, unit, answer, arms, sampleRatio }: Study): HTMLElement {
  const most = Math.max(1, ...arms.map(({ units }) => units));
  const what = kind === 'experiment' ? `phase ${phase}` : kind === 'ramp' ? 'monitored ramp' : kind;
  return h(
    'div',
    { class: 'experiment' },
    h('h3', {}, name, ' ', h('small', {}, what)),
    arms.map(({ variant, units }) =>
      h(
        'div',
        { class: 'bar' },
        h('span', {}, variant),
        h('meter', { min: '0', max: most, value: units, 'aria-label': `${variant}: ${units} ${unit}s` }),
        h('span', { 'data-count': `${name}/${variant}`, class: 'count' }, units),
      ),
    ),
    sampleRatio &&
      h('p', { class: 'note', 'data-split': name, 'data-alarm': String(sampleRatio.alarm) }, ...split(arms, unit, sampleRatio)),
    h('p', { class: 'note' }, ...rich(answer)),
  );
}

/** Below so many units, a split that is off looks like one that is not. */
const FEW = 100;

/** Whether units are split as planned. */
function split(arms: Study['arms'], unit: string, { alarm, p }: NonNullable<Study['sampleRatio']>): Child[] {
  const planned = arms.map(({ planned: share }) => `${Math.round(share * 1_000) / 10} %`).join(' / ');
  if (alarm) {
    return [
      h('strong', { class: 'alarm' }, 'Sample ratio mismatch (SRM)'),
      `: not split ${planned} as planned (p ${p < 1e-4 ? '< 0.0001' : `= ${p.toFixed(4)}`}).`,
    ];
  }
  if (arms.reduce((sum, { units }) => sum + units, 0) < FEW) return [`Planned ${planned}: too few ${unit}s to say whether it is so.`];
  return [`Split ${planned} as planned (p = ${p.toFixed(2)}).`];
}

/** A sentence whose names are between backticks. */
const rich = (sentence: string): Child[] => sentence.split('`').map((part, at) => (at % 2 ? h('code', {}, part) : part));
