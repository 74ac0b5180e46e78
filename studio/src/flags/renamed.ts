/** A variant gets another name, wherever the rules use it. */

import { EditError, get, keys, rename, set, uses } from '../rules/rules.js';
import type { Path } from '../rules/value.js';
import type { Files } from '../shell/session.js';
import { entries, flagPath, list, rulesOf, type Shown, text } from './written.js';

/**
 * In the flag and in all of its environments, in all phases of its experiments, and wherever another flag, a segment or a holdout asks for it. Phases and
 * segments are of all environments, so a variant has one name in all of them, also where one has variants of its own.
 */
export function renameVariant({ files: before, flag: { key } }: Shown, from: string, to: string): Files {
  const own = flagPath(key);
  const forms: readonly Path[] = [own, ...keys(before, [...own, 'in']).map((name) => [...own, 'in', name])];
  if (get(before, [...own, 'variants']) === undefined) {
    throw new EditError('CANNOT_EDIT', `${from} has its name from the type of ${key}, which has no variants that are written`);
  }
  let files = before;
  const follow = (path: Path): void => {
    if (get(files, path) === from) files = set(files, path, to);
  };
  const followKey = (path: Path): void => {
    if (Object.hasOwn(entries(get(files, path)), from)) files = rename(files, [...path, from], to);
  };
  const experiments = new Set<string>();
  for (const form of forms) {
    for (const name of ['variants', 'targets']) followKey([...form, name]);
    for (const name of ['default', 'whenOff']) follow([...form, name]);
    const path = [...form, 'rules'];
    for (const rule of rulesOf(path, get(files, path))) {
      follow([...rule.path, 'serve']);
      follow([...rule.path, 'ramp']);
      if (rule.does === 'experiment') experiments.add(text(rule.value.experiment));
    }
  }
  for (const experiment of experiments) {
    const phases = ['experiments', experiment, 'phases'];
    for (const [at] of list(get(files, phases)).entries()) followKey([...phases, at, 'split']);
  }
  for (const asked of uses(files, 'flags', key)) {
    follow(asked);
    for (const [at] of list(get(files, asked)).entries()) follow([...asked, at]);
  }
  return files;
}
