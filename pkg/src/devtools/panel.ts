/** The panel: a button, and the dialog that it opens, in a shadow root of their own. */

import { remedyOf } from '../debug/remedies.js';
import { attempt } from '../platform/attempt.js';
import type { ClientEvents } from '../types.js';
import { contextView } from './attributes.js';
import { button, el, empty, write } from './dom.js';
import { flagsView } from './flags.js';
import type { Registered, Registry } from './registry.js';
import { exposuresView } from './sent.js';
import { snapshotView } from './signed.js';
import { dress, flagIcon } from './style.js';
import { Tabs } from './tabs.js';
import type { View } from './view.js';

/** Under which the tab remembers whether the panel is open, and at which view. */
const KEPT = 'waft:devtools';

/** Puts the panel on the page, as soon as there is a body. */
export function openPanel(registry: Registry): void {
  const panel = new Panel(registry);
  registry.changed = () => panel.clientsChanged();
  const put = (): void => document.body.append(panel.host);
  if (document.body) put();
  else document.addEventListener('DOMContentLoaded', put);
}

class Panel {
  readonly host = document.createElement('waft-devtools');
  readonly #registry: Registry;
  readonly #launcher = button('', { class: 'launcher', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' }, () => this.#open(true));
  readonly #dialog = el('section', { class: 'panel', role: 'dialog', 'aria-label': 'Waft developer panel', hidden: true });
  readonly #name = el('span', { class: 'name' });
  readonly #select = el('select', { 'aria-label': 'Client' });
  readonly #pill = el('span', { class: 'pill' });
  readonly #alert = el('div', { class: 'alert', role: 'alert', hidden: true });
  readonly #none = empty('No client is registered', 'Clients that were made with devtools: devtools() are shown here while they are open.');
  readonly #tabs: Tabs;
  #client: Registered | undefined;
  #stop: (() => void)[] = [];
  #due = false;
  #warned = '';
  #dismissed = '';

  constructor(registry: Registry) {
    this.#registry = registry;
    const views: View[] = [flagsView(), contextView(), exposuresView(), snapshotView()];
    this.#tabs = new Tabs(views, () => {
      this.#keep();
      this.#draw();
    });
    const root = this.host.attachShadow({ mode: 'open' });
    dress(root);
    this.#launcher.append(flagIcon());
    const close = button('×', { class: 'close', 'aria-label': 'Close the panel' }, () => this.#close());
    this.#dialog.append(
      el('header', { class: 'head' }, flagIcon(), el('h2', {}, 'Waft'), this.#name, this.#select, this.#pill, close),
      this.#tabs.list,
      this.#alert,
      el('div', { class: 'body' }, this.#none, ...this.#tabs.panels),
    );
    root.append(this.#launcher, this.#dialog);
    this.#select.addEventListener('change', () => this.#choose(this.#registry.clients[this.#select.selectedIndex]));
    this.#dialog.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented) this.#close();
    });
    // A page's own keys are not for what is typed here.
    for (const type of ['keydown', 'keyup', 'keypress']) root.addEventListener(type, (event) => event.stopPropagation());
    const [isOpen, tab] = (attempt(() => sessionStorage.getItem(KEPT)) ?? '').split(' ');
    this.#tabs.choose(Number(tab) || 0);
    if (isOpen === 'open') this.#open(false);
    // What is sent, and what expires, no event tells.
    const timer = setInterval(() => !this.#dialog.hidden && !document.hidden && this.schedule(), 1_000);
    // In Node, as under jsdom, it would keep the process.
    (timer as { unref?(): void }).unref?.();
  }

  /** A client came, or went. */
  clientsChanged(): void {
    const { clients } = this.#registry;
    this.#select.replaceChildren(
      ...clients.map(({ name }, index) => el('option', {}, clients.length > 1 ? `${index + 1}: ${name}` : name)),
    );
    this.#select.hidden = clients.length < 2;
    this.#name.hidden = !this.#select.hidden;
    this.#choose(this.#client && clients.includes(this.#client) ? this.#client : clients[0]);
  }

  #choose(client: Registered | undefined): void {
    for (const stop of this.#stop) stop();
    this.#client = client;
    this.#select.selectedIndex = client ? this.#registry.clients.indexOf(client) : -1;
    const events = ['ready', 'configurationChanged', 'contextChanged', 'stale', 'error', 'exposure'] as const;
    this.#stop = client ? events.map((event) => client.client.on(event, () => this.schedule())) : [];
    this.schedule();
  }

  /** Draws what is seen in the next frame, once, however much changed. */
  schedule(): void {
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => {
      this.#due = false;
      this.#draw();
    }, 16);
  }

  #draw(): void {
    const found = this.#client;
    const status = found?.client.status();
    const told = status?.code ? (status as ClientEvents['error']) : found?.error();
    const error = told && told.message !== this.#dismissed ? told : undefined;
    const fixed = Object.keys(status?.overrides ?? {}).length;
    const state = error ? 'error' : fixed ? 'fixed' : '';
    this.#launcher.toggleAttribute('data-state', !!state);
    if (state) this.#launcher.setAttribute('data-state', state);
    const more = error ? `, ${error.code}` : fixed ? `, ${fixed} ${fixed > 1 ? 'flags' : 'flag'} overridden` : '';
    this.#launcher.setAttribute('aria-label', `Open the Waft developer panel${more}`);
    if (this.#dialog.hidden) return;
    const { snapshot } = found?.client ?? {};
    write(this.#name, found?.name ?? '');
    const isStale = !!snapshot && Date.now() >= snapshot.expires;
    write(this.#pill, !found ? 'No client' : !snapshot ? 'No rules' : isStale ? `v${snapshot.version}, expired` : `v${snapshot.version}`);
    this.#pill.setAttribute('data-state', !snapshot ? 'bad' : isStale || status?.code ? 'warn' : 'good');
    this.#warn(error);
    this.#none.hidden = !!found;
    this.#tabs.update(found);
  }

  /** Says what is wrong and what to do; read aloud once. */
  #warn(error: ClientEvents['error'] | undefined): void {
    const remedy = error ? remedyOf(error) : '';
    this.#alert.hidden = !error;
    if (this.#warned === (this.#warned = `${error?.code} ${remedy}`) || !error) return;
    const dismiss = button('Dismiss', {}, () => {
      this.#dismissed = error.message;
      this.#draw();
    });
    const said = el(
      'div',
      {},
      el('strong', {}, error.code),
      el(
        'p',
        {},
        remedy.replace(/^./, (first) => first.toUpperCase()),
      ),
    );
    // Without a link to what is said here anyway.
    if (!/^\w+: see /.test(error.message)) said.append(el('p', { class: 'mono' }, error.message));
    this.#alert.replaceChildren(said, dismiss);
  }

  #open(isAsked: boolean): void {
    this.#dialog.hidden = false;
    this.#launcher.hidden = true;
    this.#launcher.setAttribute('aria-expanded', 'true');
    this.#draw();
    this.#keep();
    // Where the page was loaded anew, the focus is the page's.
    if (isAsked) this.#tabs.focus();
  }

  #close(): void {
    this.#dialog.hidden = true;
    this.#launcher.hidden = false;
    this.#launcher.setAttribute('aria-expanded', 'false');
    this.#launcher.focus();
    this.#keep();
  }

  #keep(): void {
    attempt(() => sessionStorage.setItem(KEPT, `${this.#dialog.hidden ? 'closed' : 'open'} ${this.#tabs.chosen}`));
  }
}
