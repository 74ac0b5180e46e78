/** Exposures: what was recorded of this page view, and what became of it. */

import type { ExposureStatus } from '../types.js';
import { away, button, el, empty, table, write } from './dom.js';
import type { Registered } from './registry.js';
import type { View } from './view.js';

export function exposuresView(): View {
  const figures = el('div', { class: 'cards' });
  const note = el('p', { class: 'soft' });
  const list = el('div');
  let current: Registered | undefined;
  const send = button('Send now', {}, () => void current?.client.flush());
  const queue = el('div', {}, el('h3', {}, 'Queue'), figures);
  const element = el(
    'div',
    { class: 'view' },
    queue,
    el('div', { class: 'actions' }, send, note),
    el('div', {}, el('h3', {}, 'This page view'), list),
  );
  let drawn = '';
  return {
    title: 'Exposures',
    element,
    count: ({ exposed }) => exposed.length || undefined,
    update(client) {
      current = client;
      const status = client.client.exposures.status();
      const { queued, sent, dropped } = client.client.status();
      queue.hidden = send.hidden = !status;
      send.disabled = !status?.waiting;
      const text = JSON.stringify([queued, sent, dropped, status, client.exposed.length, client.name]);
      write(note, status ? wordsOf(status) : '');
      if (text === drawn) return;
      drawn = text;
      const cards: [string, number][] = [
        ['Waiting', queued],
        ['Sent', sent],
        ['Dropped', dropped],
        ['Left out', status?.leftOut ?? 0],
      ];
      figures.replaceChildren(
        ...cards.map(([name, count]) => el('div', {}, el('dl', {}, el('dt', {}, name), el('dd', {}, count.toLocaleString('en'))))),
      );
      list.replaceChildren(listOf(client, !!status));
    },
  };
}

/** What the queue does, in a sentence. */
function wordsOf({ code, storage, lastStatus, nextAttempt, overflow, tooLong, refused, rejected, lost }: ExposureStatus): string {
  if (code) return `Nothing is recorded: ${code}.`;
  const reasons = Object.entries({ overflow, 'too long': tooLong, refused, rejected, lost: lost ?? 0 }).filter(([, count]) => count);
  const dropped = reasons.length ? ` Dropped: ${reasons.map(([why, count]) => `${count} ${why}`).join(', ')}.` : '';
  const last =
    lastStatus === undefined
      ? 'Nothing was sent yet.'
      : lastStatus
        ? `The collector's last answer was ${lastStatus}.`
        : 'The last request had no answer.';
  const next = nextAttempt === undefined ? '' : ` Next request ${away(nextAttempt)}.`;
  return `Kept in ${storage === 'memory' ? 'memory: lost with the page' : storage}. ${last}${next}${dropped}`;
}

function listOf({ exposed }: Registered, isRecorded: boolean): HTMLElement {
  if (!isRecorded)
    return empty('This client records nothing', 'Pass exposures: recorder({ endpoint }) of waft/exposures to record exposures.');
  if (!exposed.length)
    return empty('No exposures yet', 'A read of a flag whose experiment takes the visitor in records one. What this panel reads does not.');
  return table(
    'Exposures of this page view, the newest first',
    ['Flag', 'Experiment', 'Variant', 'Unit', 'Time'],
    [...exposed]
      .reverse()
      .map(({ flagKey, experiment, phase, variant, unitKind, unit, time }) => [
        flagKey,
        `${experiment}, phase ${phase}`,
        variant,
        `${unitKind} ${unit}`,
        new Date(time).toLocaleTimeString(),
      ]),
  );
}
