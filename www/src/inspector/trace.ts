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

/** An experiment, a ramp or a holdout that a rule leads into, with the points that were compared. */
interface Entry {
  readonly key: string;
  readonly stopped?: string;
  readonly remembered?: boolean;
  readonly layer?: Point;
  readonly holdout?: Point;
  readonly ramp?: Point;
  readonly half?: Point;
  readonly coverage?: Point;
  readonly split?: Point;
}

const KINDS = ['holdout', 'experiment', 'ramp'] as const;

type ToldRule = Told & { readonly rule: string; readonly except?: Told } & { readonly [kind in (typeof KINDS)[number]]?: Entry };

/** The rules that were tried, in order. */
export function trace(rules: readonly unknown[]): HTMLElement {
  if (rules.length === 0) return h('p', { class: 'note' }, 'No rule was asked.');
  return h('ol', { class: 'trace' }, (rules as readonly ToldRule[]).map(rule));
}

function rule(tried: ToldRule): HTMLElement {
  const { rule, result, condition, except } = tried;
  const entries = KINDS.flatMap((kind) => (tried[kind] ? points(kind, tried[kind]) : []));
  const excepted = except && h('li', {}, h('span', { class: 'step' }, 'except'), h('ul', {}, told(except)));
  return h('li', {}, step(result, h('strong', {}, rule)), h('ul', {}, condition && told(condition), excepted, entries));
}

function told(condition: Told): HTMLElement {
  const { words = '', result, value, missing, all, any, not, condition: inside } = condition;
  const parts = all ?? any ?? (not ? [not] : inside ? [inside] : []);
  const title = all ? 'all of' : any ? 'any of' : not ? 'not' : words;
  const note = missing ? 'missing' : value !== undefined ? `is ${JSON.stringify(value)}` : undefined;
  return h('li', {}, step(result, title, note && h('em', {}, note)), parts.length > 0 && h('ul', {}, parts.map(told)));
}

function points(kind: string, { key, stopped, remembered, layer, holdout, ramp, half, coverage, split }: Entry): HTMLElement[] {
  const percent = (part: number): string => `${part} %`;
  const line = (result: boolean, text: string): HTMLElement => h('li', {}, step(result, text));
  const below = ({ point, below, inside }: Point, what: string): HTMLElement =>
    line(inside, `${what}: at ${percent(point)}, ${inside ? 'below' : 'not below'} ${percent(below ?? 100)}`);
  return [
    h('li', {}, h('span', { class: 'step' }, `${kind} ${key}`)),
    ...(stopped ? [line(false, stopped)] : []),
    ...(remembered ? [line(true, 'keeps the variant it was given earlier')] : []),
    ...(layer ? [line(layer.inside, `layer ${layer.name ?? ''}: at ${percent(layer.point)}, ${layer.inside ? 'in' : 'outside'} its range`)] : []),
    ...(holdout ? [below(holdout, 'held out')] : []),
    ...(ramp ? [below(ramp, 'reached')] : []),
    ...(half ? [below(half, 'in the half that gets it')] : []),
    ...(coverage ? [below(coverage, 'coverage')] : []),
    ...(split ? [line(true, `split: at ${percent(split.point)}, below ${percent(split.below ?? 100)}`)] : []),
  ];
}

/** One line with its mark: a tick, a cross, or a question mark for what is not known. */
export function step(result: boolean | null, ...text: Parameters<typeof h>[2][]): HTMLElement {
  const [mark, name, word] = result === true ? ['✓', 'yes', 'holds'] : result === false ? ['✕', 'no', 'does not hold'] : ['?', 'unknown', 'not known'];
  return h('span', { class: 'step' }, h('span', { class: `mark ${name}`, role: 'img', 'aria-label': word }, mark), ' ', ...text.flatMap((part) => [part as never, ' ']));
}
