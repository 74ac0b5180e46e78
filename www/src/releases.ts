/** The page with the button: what is proposed and whom it moves, approved by a key that stays here; and flags that are turned off. */

import './styles/base.css';
import './styles/inspector.css';
import './styles/releases.css';
import { approve, ask, kill, publish, type Review, type State, type Step } from './delivery.js';
import { type Child, h, panel, put } from './dom.js';
import { type Key, readKey } from './key.js';

const EVERY = 2_000; // milliseconds

const list = (name: string, lines: readonly string[]): HTMLElement =>
  h('ul', { class: 'lines', 'data-list': name, tabindex: 0, 'aria-label': name }, ...lines.map((line) => h('li', {}, line)));
const button = (id: string, text: string, step: () => Promise<string>, more = ''): HTMLElement =>
  h('button', { id, type: 'button', class: `button ${more}`, click: () => void act(step) }, text);
const note = (...children: Child[]): HTMLElement => h('p', { class: 'note' }, ...children);

const keys: Record<string, Key | undefined> = {};

/** Where a key is chosen: outside of what is drawn anew. It is in memory alone. */
function keyField(role: string): HTMLElement {
  const input = h('input', { id: `key-${role}`, type: 'file', accept: '.pem' });
  const read = async (): Promise<string> => {
    keys[role] = undefined;
    keys[role] = await readKey(input.files?.[0]);
    return `Your key is read. It stays in this page.`;
  };
  input.addEventListener('change', () => void act(read));
  return h('label', { class: 'field' }, `Your key: ${role}.pem`, input);
}

function keyOf(role: string): Key {
  const key = keys[role];
  if (!key) throw new Error(`Choose the file of your key first: ${role}.pem.`);
  return key;
}

const live = h('p', { id: 'live' });
const said = h('p', { id: 'said', role: 'status', class: 'said' });
const [proposed, killing, history] = [h('div'), h('div'), h('div')];
let drawn = '';
let isBusy = false;

function say(text: string, kind: '' | 'alert' | 'lost' = ''): void {
  said.className = kind ? 'said alert' : 'said';
  said.dataset.kind = kind;
  said.textContent = text;
}

/** Does one thing at a time, and says what came of it. */
async function act(step: () => Promise<string>): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  say('Working…');
  await step().then(say, (error: Error) => say(error.message, 'alert'));
  isBusy = false;
  await refresh();
}

function proposal(state: State, review: Review | undefined): Child[] {
  const { version, waitsFor } = state;
  if (!review) {
    const why = { lapsed: `Version ${version} lapsed, as something else is live by now.`, rejected: `Version ${version} was rejected.` };
    const told = state.state === 'lapsed' || state.state === 'rejected' ? why[state.state] : 'Nothing is proposed.';
    return [note(`${told} `, h('code', {}, 'waft release propose'), ' makes the next proposal.')];
  }
  const isReady = waitsFor.length === 0;
  return [
    h('p', {}, h('strong', {}, `Version ${version}`), review.why && `: ${review.why}`),
    note(isReady ? 'It has all signatures.' : `It waits for ${waitsFor.join('; ')}.`),
    h('h3', {}, 'What changes'),
    list('changes', review.changes),
    h('h3', {}, 'Who would be moved'),
    review.effect.length > 0 ? list('effect', review.effect) : note('Nobody was counted: start the server with --population.'),
    list('checks', [...review.checks, ...review.signed.map((who) => `signed by ${who}`)]),
    isReady
      ? button('publish', `Publish version ${version}`, () => publish(state))
      : button('approve', `Approve version ${version}`, async () => approve(keyOf('approver'), state, review)),
  ];
}

function kills({ live, killed }: State): Child[] {
  const names = (live?.flags ?? []).filter((flag) => !killed.includes(flag));
  const flag = h('select', { id: 'flag' }, ...names.map((name) => h('option', {}, name)));
  const off = async (): Promise<string> => kill(keyOf('kill'), flag.value, false);
  return [
    h('div', { class: 'row' }, h('label', { class: 'inline' }, 'Flag ', flag), button('kill', 'Turn it off', off, 'danger')),
    ...killed.map((name) => {
      const back = button(`unkill-${name}`, 'Bring it back', async () => kill(keyOf('kill'), name, true), 'quiet');
      return h('p', { class: 'row', 'data-killed': name }, h('strong', {}, name), 'is off for everybody.', back);
    }),
  ];
}

function told({ at, kind, version, flags, why }: Step): string {
  const what = flags?.join(', ') ?? `version ${version}`;
  return `${at.slice(0, 16).replace('T', ' ')}  ${kind} ${what}${why ? `: ${why}` : ''}`;
}

function draw(state: State, review: Review | undefined): void {
  put(live, ...(state.live ? [h('strong', {}, `Version ${state.live.version}`), ' is live.'] : ['Nothing is live yet.']));
  put(proposed, ...proposal(state, review));
  put(killing, ...kills(state));
  put(history, state.history.length > 0 ? list('history', state.history.map(told)) : note('No records yet.'));
}

async function refresh(): Promise<void> {
  try {
    const state = await ask<State>('');
    const isOpen = state.state === 'waits' || state.state === 'approved';
    const review = isOpen ? await ask<Review>('/review') : undefined;
    const text = JSON.stringify([state, review]);
    // What has not changed is left alone: a reader's place is kept.
    if (text !== drawn) draw(state, review);
    drawn = text;
    if (said.dataset.kind === 'lost') say('');
  } catch (error) {
    const isAway = error instanceof TypeError;
    const since = `The server cannot be reached. What is shown is as of ${new Date().toLocaleTimeString('en')}.`;
    if (said.dataset.kind !== 'lost') say(isAway ? since : (error as Error).message, 'lost');
  }
  for (const part of parts) part.hidden = drawn === '';
  document.body.dataset.ready = 'true';
}

const desk = document.getElementById('desk') as HTMLElement;
const parts = [
  panel('proposed', 'Proposed', keyField('approver'), proposed),
  panel('killing', 'Turn a flag off', keyField('kill'), killing),
  panel('history', 'History', history),
];
put(desk, h('h1', {}, 'Releases'), live, said, ...parts);
setInterval(() => {
  if (document.visibilityState === 'visible' && !isBusy) void refresh();
}, EVERY);
await refresh();
