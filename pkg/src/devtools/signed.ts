/** The snapshot: which one is active, who signed it, and what trust requires. */

import { away, el, empty, facts, moment, table } from './dom.js';
import { requirementsOf, signaturesOf } from './envelope.js';
import type { Registered } from './registry.js';
import type { View } from './view.js';

export function snapshotView(): View {
  const element = el('div', { class: 'view' });
  let drawn = '';
  return {
    title: 'Snapshot',
    element,
    update(client) {
      const status = client.client.status();
      // Once a minute for what is said of time.
      const text = JSON.stringify([client.name, client.client.snapshot, status, Math.floor(Date.now() / 60_000)]);
      if (text === drawn) return;
      drawn = text;
      element.replaceChildren(...(client.client.snapshot ? partsOf(client) : [nothing(client)]));
    },
  };
}

function nothing({ trust, client }: Registered): HTMLElement {
  const { code, url, httpStatus } = client.status();
  const more = [url && `from ${url}`, httpStatus && `the server answered ${httpStatus}`].filter(Boolean).join(': ');
  const why = code ? `${code}${more ? ` (${more})` : ''}.` : 'It is being loaded.';
  return empty('No snapshot is active', `${why} Trust accepts those of ${trust?.project} / ${trust?.environment}.`);
}

function partsOf(registered: Registered): HTMLElement[] {
  const { client, name, trust } = registered;
  const { version, issued, expires, digest } = client.snapshot ?? { version: 0, issued: 0, expires: 0, digest: '' };
  const { preview, overrides, versionKept, missingLists } = client.status();
  const bytes = registered.snapshotBytes();
  const signatures = bytes ? signaturesOf(bytes, trust) : [];
  const about: [string, Node | string][] = [
    ['Rules', name],
    ['Version', String(version)],
    ['Issued', `${moment(issued)} (${away(issued)})`],
    ['Expires', `${moment(expires)} (${away(expires)})`],
    ['Size', bytes ? `${bytes.length.toLocaleString('en')} bytes` : 'unknown'],
    ['Digest', el('code', {}, digest)],
  ];
  if (preview !== undefined) about.push(['Preview token', typeof preview === 'number' ? `shown until ${moment(preview)}` : preview]);
  if (overrides)
    about.push([
      'Overrides',
      Object.entries(overrides)
        .map(([flag, variant]) => `${flag}: ${variant}`)
        .join(', '),
    ]);
  if (versionKept === false) about.push(['Storage', 'the highest version seen is not kept']);
  if (missingLists) about.push(['Lists', `${missingLists} could not be fetched`]);
  const badge = (state: string, text: string): HTMLElement => el('span', { class: 'badge', 'data-state': state }, text);
  const signed = signatures.map(({ role, key, counts }) => [
    role,
    el('code', {}, key),
    counts ? badge('good', 'verified') : badge('', 'not in trust'),
  ]);
  const required = requirementsOf(signatures, trust).map(({ role, met, atLeast }) => [
    role,
    `${met}, at least ${atLeast}`,
    badge(met < atLeast ? 'bad' : 'good', met < atLeast ? 'not met' : 'met'),
  ]);
  return [
    facts(about),
    el(
      'div',
      {},
      el('h3', {}, 'Signatures'),
      signed.length
        ? table('Signatures of the snapshot', ['Role', 'Key', 'State'], signed)
        : el('p', { class: 'soft' }, 'Its bytes are not at hand.'),
    ),
    el(
      'div',
      {},
      el('h3', {}, 'Required by trust'),
      table('What trust requires', ['Role', 'Signatures', 'State'], signed.length ? required : []),
    ),
  ];
}
