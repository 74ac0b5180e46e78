/** A flag as its rules have it, and how parts of it are changed. What it means is the compiler's matter. */

import { EditError, get, type Path, type Value } from '../rules/rules.js';
import { type Entries, isEntries } from '../rules/value.js';
import { edit, type Files } from '../shell/session.js';
import { toast } from '../ui/toast.js';

export const entries = (value: Value | undefined): Entries => (isEntries(value) ? value : {});
export const list = (value: Value | undefined): readonly Value[] => (Array.isArray(value) ? value : []);
export const text = (value: Value | undefined): string =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Changes the draft, or says why it cannot be changed so. */
export function change(files: Files, how: (files: Files) => Files): void {
  try {
    const changed = how(files);
    if (changed !== files) edit(changed);
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    toast(`${error.message}: ${error.remedy}`, { tone: 'bad' });
  }
}

export const flagPath = (key: string): Path => ['flags', key];

/** `12.5%` as a fraction; undefined where it is something else. */
export function share(value: Value | undefined): number | undefined {
  const found = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text(value));
  const fraction = found ? Number(found[1]) / 100 : undefined;
  return fraction !== undefined && fraction <= 1 ? fraction : undefined;
}

/** The other way, with as many decimals as there are. */
export const percentText = (fraction: number): string => `${Number((fraction * 100).toFixed(4))}%`;

/** `40%-70%` as two fractions. */
export function rangeOf(value: Value | undefined): readonly [number, number] | undefined {
  const [from, to, ...more] = text(value).split('-').map(share);
  return more.length === 0 && from !== undefined && to !== undefined && from < to ? [from, to] : undefined;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `48h` in milliseconds. */
export function duration(value: Value | undefined): number | undefined {
  const found = /^(\d+)(ms|s|m|h|d|w)$/.exec(text(value).trim());
  return found ? Number(found[1]) * (UNITS[found[2] ?? ''] ?? 0) : undefined;
}

/** A moment that is written, in milliseconds since 1970. A bare date is its first instant in UTC. */
export function moment(value: Value | undefined): number | undefined {
  const written = text(value).trim();
  if (!/^\d{4}-\d\d-\d\d/.test(written)) return undefined;
  const at = Date.parse(written.length === 10 ? `${written}T00:00Z` : written);
  return Number.isNaN(at) ? undefined : at;
}

/** The same for an input of dates, and back. */
export const inputOf = (value: Value | undefined): string => {
  const at = moment(value);
  return at === undefined ? '' : new Date(at).toISOString().slice(0, 16);
};

export const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The variants of a flag, in order. A boolean flag has `on` and `off` without writing them. */
export function variantsOf(flag: Entries): readonly string[] {
  const names = Object.keys(entries(flag.variants));
  return names.length === 0 && flag.type === 'boolean' ? ['on', 'off'] : names;
}

export interface Rule {
  readonly path: Path;
  readonly id: string;
  readonly value: Entries;
  readonly does: 'serve' | 'experiment' | 'ramp' | 'nothing';
}

export function rulesOf(key: string, flag: Entries): readonly Rule[] {
  return list(flag.rules).map((value, at) => {
    const rule = entries(value);
    const does = (['serve', 'experiment', 'ramp'] as const).find((action) => rule[action] !== undefined) ?? 'nothing';
    return { path: [...flagPath(key), 'rules', at], id: text(rule.id) || `rule ${at + 1}`, value: rule, does };
  });
}

export interface Step {
  readonly to: number;
  /** When it begins; where that is not written, when it would at the earliest. */
  readonly at: number | undefined;
  /** It has a date, or follows from one: it begins by itself. */
  readonly isDated: boolean;
  readonly waits: string;
}

/** The steps of a ramp on a line of time. */
export function stepsOf(rule: Entries): readonly Step[] {
  let before: number | undefined;
  let isDated = true;
  return list(rule.steps).map((value) => {
    const step = entries(value);
    const written = moment(step.at);
    const after = duration(step.after);
    const isHeld =
      step.after === 'approval' ||
      step.units !== undefined ||
      (rule.guard !== undefined && step.at === undefined && step.after !== undefined);
    isDated = isDated && (written !== undefined || (!isHeld && after !== undefined));
    const at = written ?? (before !== undefined && after !== undefined ? before + after : undefined);
    before = at ?? before;
    const waits = [
      step.after === 'approval' && written === undefined ? 'once somebody approved it' : '',
      after !== undefined && written === undefined ? `${text(step.after)} after the step before` : '',
      step.units !== undefined ? `after ${Number(step.units).toLocaleString('en-US')} units` : '',
      rule.guard !== undefined && step.after !== undefined && written === undefined ? 'once its guardrails are safe' : '',
    ].filter(Boolean);
    return { to: share(step.to) ?? 0, at, isDated, waits: waits.join(', ') };
  });
}

/** All moments that are written in a flag, its experiments and holdouts: where something may change. */
export function momentsOf(files: Files, key: string): readonly number[] {
  const flag = entries(get(files, flagPath(key)));
  const found: number[] = [];
  const add = (value: Value | undefined): void => {
    const at = moment(value);
    if (at !== undefined) found.push(at);
  };
  for (const { value, does } of rulesOf(key, flag)) {
    for (const name of ['from', 'to', 'paused']) add(value[name]);
    if (does === 'ramp') for (const { at } of stepsOf(value)) if (at !== undefined) found.push(at);
    if (does === 'experiment') {
      for (const phase of list(get(files, ['experiments', text(value.experiment), 'phases'])))
        for (const name of ['from', 'to']) add(entries(phase)[name]);
    }
  }
  const holdout = flag.holdout === undefined ? {} : entries(get(files, ['holdouts', text(flag.holdout)]));
  for (const name of ['from', 'to']) add(holdout[name]);
  return [...new Set(found)].sort((one, other) => one - other);
}
