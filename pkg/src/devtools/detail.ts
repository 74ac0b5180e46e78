/** One flag: its value and why, what fixes it, and the trace of its decision. */

import type { Fixed } from '../preview/overrides.js';
import { messageOf } from '../platform/attempt.js';
import type { Studio } from '../studio/types.js';
import type { Details } from '../types.js';
import { button, el, empty, facts, shown, write } from './dom.js';
import type { Registered } from './registry.js';

/** What the reasons mean. */
const MEANINGS: Readonly<Record<string, string>> = {
  STATIC: 'the flag has no rules, or a preview shows it',
  DEFAULT: 'no rule applies to this context',
  TARGETING_MATCH: 'a targeting rule applies',
  SPLIT: 'an experiment or a ramp chose by the unit',
  DISABLED: 'the flag is switched off for this context',
  STALE: 'the snapshot has expired, and stays active until there is a newer one',
  ERROR: 'the code fallback is returned',
};

export interface Detail {
  readonly element: HTMLElement;
  update(client: Registered, details: Details<unknown> | undefined): void;
  focus(): void;
}

/** `back` leads to the list, where there is no room for both. */
export function detailOf(back: () => void): Detail {
  const heading = el('h3', { tabindex: '-1' });
  const value = el('pre', { tabindex: '0', role: 'region', 'aria-label': 'Value' });
  const why = el('div');
  const choices = choicesOf();
  const trace = traceOf();
  const chosen = el(
    'div',
    { class: 'stack' },
    button('← All flags', { class: 'back' }, back),
    heading,
    el('div', {}, el('h4', {}, 'Value'), value),
    why,
    choices.element,
    trace.element,
  );
  const none = empty('Choose a flag', 'Its value, why it has it, and overrides are shown here.');
  let told = '';
  return {
    element: el('div', { class: 'detail', role: 'region', 'aria-label': 'Chosen flag' }, none, chosen),
    update(client, details) {
      none.hidden = !!details || !client.client.snapshot;
      chosen.hidden = !details;
      if (!details) return;
      const { flagKey, variant = '–', reason, errorCode, errorMessage, flagMetadata } = details;
      write(heading, flagKey);
      write(value, reason === 'ERROR' ? 'the default of your code' : shown(details.value, 2));
      const fixed = client.overrides.all()[flagKey];
      const meaning = fixed === undefined ? MEANINGS[reason] : 'an override of this browser fixes it';
      const pairs: [string, string][] = [
        ['Variant', variant],
        ['Reason', `${reason}: ${meaning ?? ''}`],
      ];
      if (errorCode) pairs.push(['Error', errorMessage ?? errorCode]);
      if (flagMetadata.ruleIndex !== undefined) pairs.push(['Rule', `number ${flagMetadata.ruleIndex + 1} in the snapshot`]);
      for (const { experiment, phase, unitKind, unit } of client.exposed.filter((exposure) => exposure.flagKey === flagKey).slice(-3)) {
        pairs.push(['Exposed', `${experiment}, phase ${phase}, ${unitKind} ${unit}`]);
      }
      if (told !== (told = JSON.stringify(pairs))) why.replaceChildren(facts(pairs));
      choices.update(client, flagKey, fixed);
      trace.update(client, details, fixed);
    },
    focus: () => heading.focus(),
  };
}

/** The override of a flag: as the rules decide, or one of its variants. */
function choicesOf() {
  const list = el('div', { class: 'choices' });
  const element = el('fieldset', {}, el('legend', {}, 'Override in this browser'), list);
  let made = '';
  let current: Registered | undefined;
  let key = '';
  list.addEventListener('change', ({ target }) => {
    const variant = (target as HTMLInputElement).value;
    if (variant) current?.overrides.set(key, JSON.parse(variant) as Fixed);
    else current?.overrides.clear(key);
  });
  const choice = (value: string, name: string, text: string): HTMLElement =>
    el(
      'label',
      {},
      el('input', { type: 'radio', name: 'override', value }),
      el('span', {}, name),
      el('span', { class: 'mono soft' }, text),
    );
  return {
    element,
    update(client: Registered, flag: string, fixed: string | undefined) {
      const found = client.overrides.variants(flag);
      const text = JSON.stringify([flag, found]);
      current = client;
      key = flag;
      element.hidden = !found.length;
      if (text !== made) {
        made = text;
        const variants = found.map(({ variant, value }) => choice(JSON.stringify(variant), variant, shown(value).slice(0, 120)));
        list.replaceChildren(choice('', 'As the rules decide', ''), ...variants);
      }
      const wanted = fixed === undefined ? '' : JSON.stringify(fixed);
      for (const input of list.querySelectorAll('input'))
        if (input.checked !== (input.value === wanted)) input.checked = input.value === wanted;
    },
  };
}

/** The trace: the studio explains, once somebody asked. */
function traceOf() {
  const text = el('pre', { tabindex: '0', role: 'region', 'aria-label': 'Trace' });
  const note = el('p', { class: 'soft', role: 'status' });
  const ask = button('Explain this decision', {}, () => void load());
  const element = el('div', {}, el('h4', {}, 'Why'), el('div', { class: 'actions' }, ask), note, text);
  let [studio, isLoading, problem, told]: [Studio | undefined, boolean, string, string] = [undefined, false, '', ''];
  let now: [Registered, Details<unknown>, string | undefined] | undefined;
  const load = async (): Promise<void> => {
    isLoading = true;
    show();
    try {
      studio = await (await now?.[0].studio?.())?.loadStudio();
    } catch (error) {
      problem = `The studio could not be loaded: ${messageOf(error)}`;
    }
    isLoading = false;
    show();
  };
  const show = (): void => {
    const [client, details, fixed] = now ?? [];
    const snapshot = client?.snapshotBytes();
    ask.hidden = !client?.studio || !!studio || !snapshot;
    ask.disabled = isLoading;
    const asIf = fixed === undefined ? '' : 'An override fixes this flag. Without it, the rules decide so:';
    const hint = "For the trace, rule by rule, pass devtools({ studio: () => import('waft/studio') }).";
    write(note, isLoading ? 'Loading the studio…' : problem || (client?.studio ? (studio ? asIf : '') : hint));
    text.hidden = !studio || !snapshot;
    if (!studio || !client || !details || !snapshot) return;
    const context = client.context();
    // It verifies the snapshot each time, which is not for each second.
    const asked = JSON.stringify([client.name, details.flagKey, context, client.client.snapshot?.digest, Math.floor(Date.now() / 30_000)]);
    if (asked === told) return;
    told = asked;
    try {
      const found = studio.explain({ snapshot, trust: client.trust, context }).flags[details.flagKey];
      write(text, found ? found.text || 'It has no rules.' : 'There is no such flag.');
    } catch (error) {
      write(text, `It cannot be explained: ${messageOf(error)}`);
    }
  };
  return {
    element,
    update(client: Registered, details: Details<unknown>, fixed: string | undefined) {
      now = [client, details, fixed];
      show();
    },
  };
}
