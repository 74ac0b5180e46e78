/** The steps of an evaluation, as an indented list. */

import type { ConditionStory, LayerStory, PointStory, RuleStory, TraceEntry, TrialStory } from 'waft/studio';
import { h } from '../dom.js';

const KINDS = ['holdout', 'experiment', 'ramp'] as const;

/** The rules that were tried, in order. */
export function trace(entries: readonly TraceEntry[]): HTMLElement {
  if (entries.length === 0) return h('p', { class: 'note' }, 'No rule was asked.');
  const line = (words: string): HTMLElement => h('li', {}, step(true, words));
  const shown = (entry: TraceEntry): HTMLElement => {
    if ('killed' in entry) return line('the kill list names it');
    return 'preview' in entry ? line('a signed preview shows it') : rule(entry);
  };
  return h('ol', { class: 'trace' }, entries.map(shown));
}

function rule(tried: RuleStory): HTMLElement {
  const { rule, result, note, condition, except, stops } = tried;
  const trials = KINDS.flatMap((kind) => (tried[kind] ? points(kind, tried[kind]) : []));
  const excepted = except && h('li', {}, h('span', { class: 'step' }, 'except'), h('ul', {}, told(except)));
  const stopped = stops && h('li', {}, h('span', { class: 'step' }, 'not known, so the off variant is served'));
  return h(
    'li',
    {},
    step(result, h('strong', {}, rule), note && h('em', {}, note)),
    h('ul', {}, condition && told(condition), stopped, excepted, trials),
  );
}

function told(condition: ConditionStory): HTMLElement {
  const { words, result, note, all, any, not, condition: inside } = condition;
  const parts = all ?? any ?? (not ? [not] : inside ? [inside] : []);
  const title = all ? 'all of' : any ? 'any of' : not ? 'not' : words;
  return h('li', {}, step(result, title, note && h('em', {}, note)), parts.length > 0 && h('ul', {}, parts.map(told)));
}

function points(
  kind: string,
  { key, stopped, attribute, note, remembered, layer, holdout, ramp, half, released, coverage, split }: TrialStory,
): HTMLElement[] {
  const percent = (part: number): string => `${Math.round(part * 10) / 10} %`;
  const line = (result: boolean, text: string, note?: string): HTMLElement => h('li', {}, step(result, text, note && h('em', {}, note)));
  const range = (from: number, below: number): string => `${percent(from)} to ${percent(below)}`;
  const ranges = ({ ranges }: LayerStory): string => ranges.map(([from, below]) => range(from, below)).join(' or ');
  const below = ({ point, below, inside }: PointStory, what: string): HTMLElement =>
    line(inside, `${what}: bucket ${percent(point)}, ${inside ? 'below' : 'not below'} ${percent(below)}`);
  return [
    h('li', {}, h('span', { class: 'step' }, `${kind} ${key}`)),
    ...(stopped ? [line(false, attribute ? `${stopped}: ${attribute}` : stopped, note)] : []),
    ...(remembered ? [line(true, 'keeps the variant it was given earlier')] : []),
    ...(layer
      ? [
          line(
            layer.inside,
            `layer ${layer.name}: bucket ${percent(layer.point)}, ${layer.inside ? 'inside' : 'outside'} this ${kind}’s traffic (${ranges(layer)})`,
          ),
        ]
      : []),
    ...(holdout ? [below(holdout, 'held out')] : []),
    ...(ramp ? [below(ramp, 'reached')] : []),
    ...(half ? [below(half, 'in the half that gets it')] : []),
    ...(released ? [below(released, 'released from the other half')] : []),
    ...(coverage ? [below(coverage, 'coverage')] : []),
    ...(split ? [line(true, `split: bucket ${percent(split.point)}, in ${range(split.from ?? 0, split.below)}`)] : []),
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
