/** What is written of an experiment, changed: its phases and their splits, and a new one with the rule that runs it. */

import { add, get, insert, remove, set } from '../rules/rules.js';
import type { Entries, Path, Value } from '../rules/value.js';
import type { Files } from '../shell/session.js';
import { entries, list, pathOf, percentText, type Shown } from './written.js';

export const phasesPath = (experiment: string): Path => ['experiments', experiment, 'phases'];

/** All have an equal share, and together 100 %: the first have what cannot be divided. */
export function evenly(variants: readonly string[]): Readonly<Record<string, string>> {
  const whole = 10_000;
  const each = Math.floor(whole / variants.length);
  const rest = whole - each * variants.length;
  return Object.fromEntries(variants.map((name, at) => [name, percentText((each + (at < rest ? 1 : 0)) / whole)]));
}

/** A variant's share of a phase; without one it takes no part. */
export function setShare(files: Files, experiment: string, at: number, variant: string, percent: string | undefined): Files {
  const path = [...phasesPath(experiment), at, 'split', variant];
  if (percent !== undefined) return set(files, path, percent);
  return get(files, path) === undefined ? files : remove(files, path);
}

export interface Before {
  /** The place of the phase that a new one follows. */
  readonly at: number;
  /** It has ended: its end stays where it is. */
  readonly isOver: boolean;
}

/**
 * The phase before ends when a new one begins, which has the split and coverage that are written now. The old one is as it was in `base`, where it is there:
 * what has started stays as it is.
 */
export function newPhase(files: Files, base: Files, experiment: string, { at, isOver }: Before, from: string): Files {
  const path = phasesPath(experiment);
  const phases = list(get(files, path)).map(entries);
  const written = phases[at] ?? {};
  const before = entries(get(base, [...path, at]));
  const old = before.id !== undefined && before.id === written.id ? before : written;
  const ids = phases.map(({ id }) => (typeof id === 'number' ? id : 0));
  const next: Entries = {
    id: Math.max(0, ...ids) + 1,
    from,
    ...(written.coverage !== undefined && { coverage: written.coverage }),
    split: written.split ?? {},
  };
  const stays = isOver && old.to === written.to;
  const ended = set(files, [...path, at], stays ? old : { ...old, to: from });
  return insert(ended, path, phases.length, next);
}

export interface Wanted {
  readonly key: string;
  readonly hypothesis: string;
  readonly unit: string;
  /** A segment; everybody without. */
  readonly segment: string;
  readonly metric: string;
  readonly layer: string;
  readonly range: string;
  readonly from: string;
  readonly coverage: string;
  readonly split: Readonly<Record<string, string>>;
}

/** An experiment with its first phase, and behind the flag's other rules one that runs it. */
export function newExperiment(shown: Shown, wanted: Wanted): Files {
  const { key, hypothesis, unit, segment, metric, layer, range, from, coverage, split } = wanted;
  const value: Entries = {
    ...(hypothesis && { meta: { hypothesis } }),
    unit,
    ...(layer && { layer: { [layer]: [range] } }),
    ...(metric && { metrics: { primary: [metric] } }),
    phases: [{ id: 1, from, ...(coverage !== '100%' && { coverage }), split }],
  };
  const path = pathOf(shown, 'rules');
  const rules = list(get(shown.files, path));
  const ids = new Set(rules.map((rule) => entries(rule).id));
  let id = key;
  for (let at = 2; ids.has(id); at++) id = `${key}-${at}`;
  const rule: Value = { id, ...(segment && { if: { segment } }), experiment: key };
  return insert(add(shown.files, 'experiments', key, value), path, rules.length, rule);
}
