/** The steps of an evaluation, as an indented list. */

import { h } from '../dom.js';

/** A condition as the studio tells it. */
interface Told {
  readonly words?: string;
  /** Null is unknown; nothing, that it was not looked at. */
  readonly result?: boolean | null;
  /** The value that was asked for, and why it is of no use. */
  readonly note?: string;
  readonly all?: readonly Told[];
  readonly any?: readonly Told[];
  readonly not?: Told;
  readonly condition?: Told;
}

interface Point {
  readonly name?: string;
  readonly point: number;
  readonly from?: number;
  readonly below?: number;
  readonly ranges?: readonly (readonly [number, number])[];
  readonly inside: boolean;
}

/** An experiment, a ramp or a holdout that a rule leads into, with the points that were compared. */
interface Entry {
  readonly key: string;
  readonly stopped?: string;
  readonly attribute?: string;
  readonly note?: string;
  readonly remembered?: boolean;
  readonly layer?: Point;
  readonly holdout?: Point;
  readonly ramp?: Point;
  readonly half?: Point;
  readonly released?: Point;
  readonly coverage?: Point;
  readonly split?: Point;
}

const KINDS = ['holdout', 'experiment', 'ramp'] as const;

type ToldRule = Told & { readonly rule: string; readonly except?: Told; readonly stops?: boolean } & {
  readonly [kind in (typeof KINDS)[number]]?: Entry;
};

/** The rules that were tried, in order. */
export function trace(rules: readonly unknown[]): HTMLElement {
  if (rules.length === 0) return h('p', { class: 'note' }, 'No rule was asked.');
  return h('ol', { class: 'trace' }, (rules as readonly ToldRule[]).map(rule));
}

function rule(tried: ToldRule): HTMLElement {
  const { rule, result, note, condition, except, stops } = tried;
  const entries = KINDS.flatMap((kind) => (tried[kind] ? points(kind, tried[kind]) : []));
  const excepted = except && h('li', {}, h('span', { class: 'step' }, 'except'), h('ul', {}, told(except)));
  const stopped = stops && h('li', {}, h('span', { class: 'step' }, 'not known, so the off variant is served'));
  return h(
    'li',
    {},
    step(result, h('strong', {}, rule), note && h('em', {}, note)),
    h('ul', {}, condition && told(condition), stopped, excepted, entries),
  );
}

function told(condition: Told): HTMLElement {
  const { words = '', result, note, all, any, not, condition: inside } = condition;
  const parts = all ?? any ?? (not ? [not] : inside ? [inside] : []);
  const title = all ? 'all of' : any ? 'any of' : not ? 'not' : words;
  return h('li', {}, step(result, title, note && h('em', {}, note)), parts.length > 0 && h('ul', {}, parts.map(told)));
}

function points(
  kind: string,
  { key, stopped, attribute, note, remembered, layer, holdout, ramp, half, released, coverage, split }: Entry,
): HTMLElement[] {
  const percent = (part: number): string => `${part} %`;
  const line = (result: boolean, text: string, note?: string): HTMLElement => h('li', {}, step(result, text, note && h('em', {}, note)));
  const range = (from: number, below: number): string => `${percent(from)} to ${percent(below)}`;
  const ranges = ({ ranges = [] }: Point): string => ranges.map(([from, below]) => range(from, below)).join(' or ');
  const below = ({ point, below, inside }: Point, what: string): HTMLElement =>
    line(inside, `${what}: at ${percent(point)}, ${inside ? 'below' : 'not below'} ${percent(below ?? 100)}`);
  return [
    h('li', {}, h('span', { class: 'step' }, `${kind} ${key}`)),
    ...(stopped ? [line(false, attribute ? `${stopped}: ${attribute}` : stopped, note)] : []),
    ...(remembered ? [line(true, 'keeps the variant it was given earlier')] : []),
    ...(layer
      ? [line(layer.inside, `layer ${layer.name ?? ''}: at ${percent(layer.point)}, ${layer.inside ? 'in' : 'not in'} ${ranges(layer)}`)]
      : []),
    ...(holdout ? [below(holdout, 'held out')] : []),
    ...(ramp ? [below(ramp, 'reached')] : []),
    ...(half ? [below(half, 'in the half that gets it')] : []),
    ...(released ? [below(released, 'released from the other half')] : []),
    ...(coverage ? [below(coverage, 'coverage')] : []),
    ...(split ? [line(true, `split: at ${percent(split.point)}, in ${range(split.from ?? 0, split.below ?? 100)}`)] : []),
  ];
}

/** One line with its mark: a tick, a cross, a question mark for what is not known, or a dash for what was not looked at. */
export function step(result: boolean | null | undefined, ...text: Parameters<typeof h>[2][]): HTMLElement {
  const [mark, name, word] =
    result === true
      ? ['✓', 'yes', 'holds']
      : result === false
        ? ['✕', 'no', 'does not hold']
        : result === null
          ? ['?', 'unknown', 'not known']
          : ['–', 'unknown', 'not looked at'];
  return h(
    'span',
    { class: 'step' },
    h('span', { class: `mark ${name}`, role: 'img', 'aria-label': word }, mark),
    ' ',
    ...text.flatMap((part) => [part as never, ' ']),
  );
}
