/** Whose rules these are, and what becomes of rules that somebody changed on the way. */

import { h, panel, put } from '../dom.js';
import type { Session } from '../session.js';

const WORDS: Readonly<Record<string, string>> = {
  MALFORMED: 'The bytes are no snapshot any more.',
  BAD_SIGNATURE: 'A signature does not match what it stands under.',
  DIGEST_MISMATCH: 'The rules are not the ones that were signed.',
  UNKNOWN_KEY: 'Nobody that this page trusts has signed it.',
  ROLE_MISSING: 'A signature that this page requires is missing.',
  WRONG_PROJECT: 'It belongs to another project.',
  WRONG_ENVIRONMENT: 'It belongs to another environment.',
  UNSUPPORTED_FORMAT: 'Its format is not known.',
  VERSION_CONFLICT: 'This version was seen before with other rules.',
  ROLLED_BACK: 'A newer version was seen before.',
};

/** Where a byte is flipped: the share of the file from and to which it is chosen. */
const PARTS = { 'the rules': [0.5, 1], 'a signature': [0.09, 0.1], anything: [0, 1] } as const;

export function signaturePanel(session: Session): HTMLElement {
  const facts = h('dl', { class: 'facts' });
  const refusal = h('div', { id: 'refusal', role: 'status', 'aria-live': 'assertive', 'data-code': '' });
  const part = h(
    'select',
    { id: 'tamper-part', 'aria-label': 'Which part' },
    Object.keys(PARTS).map((name) => h('option', {}, name)),
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
        : [fact('Version', 'none in force')]),
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
      good && h('p', { class: 'note' }, `Version ${good.version} goes on deciding. Nothing on the page has changed.`),
    );
  }

  const tamper = (): void => {
    if (!session.bytes) return;
    const [from, to] = PARTS[part.value as keyof typeof PARTS];
    const bytes = session.bytes.slice();
    const at = Math.min(bytes.length - 1, Math.floor((from + Math.random() * (to - from)) * bytes.length));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8));
    void offer(`One bit of byte ${at.toLocaleString('en')} was flipped`, bytes);
  };
  const cut = (): void => {
    if (session.bytes) void offer('The last 100 bytes were cut off', session.bytes.slice(0, -100));
  };
  return panel(
    'signature',
    'Whose rules these are',
    facts,
    h(
      'div',
      { class: 'row' },
      h('button', { type: 'button', id: 'tamper', class: 'button danger', disabled: !session.bytes, click: tamper }, 'Flip one byte'),
      h('label', { class: 'inline' }, 'of ', part),
      h('button', { type: 'button', id: 'truncate', class: 'button quiet', disabled: !session.bytes, click: cut }, 'Cut the end off'),
    ),
    refusal,
    h('p', { class: 'note' }, h('a', { href: './releases.html', target: '_top' }, 'What comes next, and who approves it')),
  );
}

/** The roles that sign rules; those of the head sign nothing else. */
const signers = ({ trust }: Session): string =>
  trust.require
    .map(({ role }) => role)
    .filter((role) => !['freshness', 'kill', 'preview', 'root'].includes(role))
    .join(' and ');
