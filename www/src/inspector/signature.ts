/** Which version is active and who signed it, and what becomes of a file that somebody changed on the way. */

import { h, panel, put } from '../dom.js';
import type { Session } from '../session.js';
import { partsOf } from './parts.js';

const WORDS: Readonly<Record<string, string>> = {
  MALFORMED: 'The file is damaged.',
  BAD_SIGNATURE: 'A signature does not match what it signs.',
  DIGEST_MISMATCH: 'The rules are not the ones that were signed.',
  UNKNOWN_KEY: 'Nobody that this page trusts has signed it.',
  ROLE_MISSING: 'A signature that this page requires is missing.',
  WRONG_PROJECT: 'It belongs to another project.',
  WRONG_ENVIRONMENT: 'It belongs to another environment.',
  UNSUPPORTED_FORMAT: 'Its format is not known.',
  VERSION_CONFLICT: 'This version was seen before with other rules.',
  ROLLED_BACK: 'A newer version was seen before.',
};

/** Where a bit is flipped. */
const PARTS = ['the rules', 'a signature', 'the header', 'the manifest'] as const;

export function signaturePanel(session: Session): HTMLElement {
  const facts = h('dl', { class: 'facts' });
  const refusal = h('div', { id: 'refusal', role: 'status', 'aria-live': 'assertive', 'data-code': '' });
  const part = h(
    'select',
    { id: 'tamper-part', 'aria-label': 'Which part' },
    PARTS.map((name) => h('option', {}, name)),
  );

  session.watch(() => {
    const { snapshot } = session.client;
    const fact = (name: string, value: string): Node[] => [h('dt', {}, name), h('dd', {}, value)];
    put(
      facts,
      ...(snapshot
        ? [
            fact('Version', `${snapshot.version} for ${session.trust.project}, ${session.trust.environment}`),
            fact('Signed', signers(session)),
            fact('Built', new Date(snapshot.issued).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })),
            fact('Valid until', new Date(snapshot.expires).toLocaleDateString('en', { dateStyle: 'medium' })),
            fact('Digest', `${snapshot.digest.slice(0, 16)}…`),
          ]
        : [fact('Version', 'none is active')]),
    );
  });

  /** Hands changed bytes to the client, as a poisoned cache would, and shows what it said. */
  async function offer(what: string, bytes: Uint8Array): Promise<void> {
    const adoption = await session.client.load(bytes);
    const code = adoption.ok ? '' : adoption.code;
    refusal.dataset.code = code;
    const text = adoption.ok ? 'It was adopted.' : (WORDS[adoption.code] ?? 'It cannot be trusted.');
    const good = session.client.snapshot;
    put(
      refusal,
      h('p', { class: 'refused' }, h('strong', {}, adoption.ok ? 'Adopted' : `Refused: ${code}`), ` ${what}. ${text}`),
      good && h('p', { class: 'note' }, `Version ${good.version} stays in effect. Nothing on the page has changed.`),
    );
  }

  const tamper = (): void => {
    if (!session.bytes) return;
    const bytes = session.bytes.slice();
    const chosen = partsOf(bytes).filter(({ name }) => name === part.value);
    const { name, from, to } = chosen[Math.floor(Math.random() * chosen.length)] ?? { name: 'the file', from: 0, to: bytes.length };
    const at = from + Math.floor(Math.random() * (to - from));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8));
    refusal.dataset.at = String(at);
    void offer(`One bit of byte ${at.toLocaleString('en')}, in ${name}, was flipped`, bytes);
  };
  const cut = (): void => {
    if (session.bytes) void offer('The last 100 bytes were removed', session.bytes.slice(0, -100));
  };
  return panel(
    'signature',
    'Version and signatures',
    facts,
    h(
      'div',
      { class: 'row' },
      h(
        'button',
        { type: 'button', id: 'tamper', class: 'button danger', disabled: !session.bytes, click: tamper },
        'Tamper with the file',
      ),
      h('label', { class: 'inline' }, 'in ', part),
      h('button', { type: 'button', id: 'truncate', class: 'button quiet', disabled: !session.bytes, click: cut }, 'Truncate the file'),
    ),
    refusal,
  );
}

/** The roles that sign rules; those of the head sign nothing else. */
const signers = ({ trust }: Session): string =>
  trust.require
    .map(({ role }) => role)
    .filter((role) => !['freshness', 'kill', 'preview', 'root'].includes(role))
    .join(' and ');
