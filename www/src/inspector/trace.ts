/** The steps of an evaluation, as an indented list. */

import { h } from '../dom.js';

/** A condition as the studio tells it. */
interface Told {
  readonly words?: string;
  readonly result: boolean | null;
  readonly value?: unknown;
  readonly missing?: boolean;
  readonly all?: readonly Told[];
  readonly any?: readonly Told[];
  readonly not?: Told;
  readonly condition?: Told;
}

interface Point {
  readonly name?: string;
  readonly point: number;
  readonly below?: number;
  readonly inside: boolean;
}

interface ToldRule extends Told {
  readonly rule: string;
  readonly experiment?: { readonly key: string; readonly stopped?: string; readonly layer?: Point; readonly coverage?: Point; readonly split?: Point };
}

/** The rules that were tried, in order. */
export function trace(rules: readonly unknown[]): HTMLElement {
  if (rules.length === 0) return h('p', { class: 'note' }, 'No rule was asked.');
  return h('ol', { class: 'trace' }, (rules as readonly ToldRule[]).map(rule));
}

function rule({ rule, result, condition, experiment }: ToldRule): HTMLElement {
  const lines = [condition && told(condition), ...(experiment ? points(experiment) : [])];
  return h('li', {}, step(result, h('strong', {}, rule)), h('ul', {}, lines));
}

function told(condition: Told): HTMLElement {
  const { words = '', result, value, missing, all, any, not, condition: inside } = condition;
  const parts = all ?? any ?? (not ? [not] : inside ? [inside] : []);
  const title = all ? 'all of' : any ? 'any of' : not ? 'not' : words;
  const note = missing ? 'missing' : value !== undefined ? `is ${JSON.stringify(value)}` : undefined;
  return h('li', {}, step(result, title, note && h('em', {}, note)), parts.length > 0 && h('ul', {}, parts.map(told)));
}

function points({ key, stopped, layer, coverage, split }: NonNullable<ToldRule['experiment']>): HTMLElement[] {
  const percent = (point: number): string => `${point.toFixed(1)} %`;
  const line = (result: boolean, text: string): HTMLElement => h('li', {}, step(result, text));
  return [
    h('li', {}, h('span', { class: 'step' }, `experiment ${key}`)),
    ...(stopped ? [line(false, stopped)] : []),
    ...(layer ? [line(layer.inside, `layer ${layer.name ?? ''}: at ${percent(layer.point)}, ${layer.inside ? 'in' : 'outside'} its range`)] : []),
    ...(coverage ? [line(coverage.inside, `coverage: at ${percent(coverage.point)}, taken in below ${percent(coverage.below ?? 100)}`)] : []),
    ...(split ? [line(true, `split: at ${percent(split.point)}, below ${percent(split.below ?? 100)}`)] : []),
  ];
}

/** One line with its mark: a tick, a cross, or a question mark for what is not known. */
export function step(result: boolean | null, ...text: Parameters<typeof h>[2][]): HTMLElement {
  const [mark, name, word] = result === true ? ['✓', 'yes', 'holds'] : result === false ? ['✕', 'no', 'does not hold'] : ['?', 'unknown', 'not known'];
  return h('span', { class: 'step' }, h('span', { class: `mark ${name}`, role: 'img', 'aria-label': word }, mark), ' ', ...text.flatMap((part) => [part as never, ' ']));
}
