/** A flag as its rules are written, and how parts of it are changed. What it means is in the model, which Rust makes of the same rules. */

import type { Finding, Model, ModelFlag } from '../engine/engine.js';
import { EditError, type Path, type Value, where } from '../rules/rules.js';
import { type Entries, isEntries } from '../rules/value.js';
import { edit, type Files } from '../shell/session.js';
import { toast } from '../ui/toast.js';

export const entries = (value: Value | undefined): Entries => (isEntries(value) ? value : {});
export const list = (value: Value | undefined): readonly Value[] => (Array.isArray(value) ? value : []);
export const text = (value: Value | undefined): string =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Changes the draft, or says why it cannot be changed so. Returns whether it was. */
export function change(files: Files, how: (files: Files) => Files): boolean {
  try {
    const changed = how(files);
    if (changed !== files) edit(changed);
    return true;
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    toast(`${error.message}: ${error.remedy}`, { tone: 'bad' });
    return false;
  }
}

/** A flag that is shown: its rules in the environment, and the text that they are of. */
export interface Shown {
  readonly files: Files;
  readonly model: Model;
  readonly flag: ModelFlag;
}

export const flagPath = (key: string): Path => ['flags', key];

/** Where a key of a flag is written: the environment may have one of its own. */
export function pathOf({ model, flag }: Shown, key: string): Path {
  const own = flagPath(flag.key);
  return flag.replaced.includes(key) ? [...own, 'in', model.environment, key] : [...own, key];
}

/** A share in a field: `12.5%` as a fraction; undefined where something else is written. */
export function share(value: Value | undefined): number | undefined {
  const found = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text(value));
  const fraction = found ? Number(found[1]) / 100 : undefined;
  return fraction !== undefined && fraction <= 1 ? fraction : undefined;
}

/** The other way, with as many decimals as there are. */
export const percentText = (fraction: number): string => `${Number((fraction * 100).toFixed(4))}%`;

/** Whether a field has ranges as they are written: `0%-40%, 60%-80%`. */
export const areRanges = (typed: string): boolean =>
  typed.split(',').every((part) => {
    const [from, to, ...more] = part.split('-').map(share);
    return more.length === 0 && from !== undefined && to !== undefined && from < to;
  });

/** A date as an input of dates shows it, in UTC; and back. */
export function inputOf(value: Value | undefined): string {
  const written = text(value).trim();
  if (!/^\d{4}-\d\d-\d\d/.test(written)) return '';
  const at = Date.parse(written.length === 10 ? `${written}T00:00Z` : written);
  return Number.isNaN(at) ? '' : new Date(at).toISOString().slice(0, 16);
}
export const dateText = (typed: string): string => `${typed}Z`;

const DAY = 86_400_000;
export const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
/** When something new begins, unless somebody says otherwise: people are at work, and it can be released by then. */
export const tomorrow = (): string => `${day(Date.now() + DAY)}T08:00Z`;

export interface Rule {
  readonly path: Path;
  readonly id: string;
  readonly value: Entries;
  readonly does: 'serve' | 'experiment' | 'ramp' | 'nothing';
}

/** The rules that are written at a path. */
export const rulesOf = (path: Path, value: Value | undefined): readonly Rule[] =>
  list(value).map((item, at) => {
    const rule = entries(item);
    const does = (['serve', 'experiment', 'ramp'] as const).find((action) => rule[action] !== undefined) ?? 'nothing';
    return { path: [...path, at], id: text(rule.id) || `rule ${at + 1}`, value: rule, does };
  });

/** The findings that are within what is written at a path. */
export function findingsAt(findings: readonly Finding[], files: Files, path: Path): readonly Finding[] {
  const place = where(files, path);
  if (!place) return [];
  const written = (files[place.file] ?? '').slice(place.from, place.to).trimEnd();
  const end = place.line + written.split('\n').length - 1;
  return findings.filter(({ file, line }) => file === place.file && line >= place.line && line <= end);
}
