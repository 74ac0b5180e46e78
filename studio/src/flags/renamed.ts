/** A variant gets another name, wherever the rules use it. */

import { get, rename, set } from '../rules/rules.js';
import type { Path } from '../rules/value.js';
import type { Files } from '../shell/session.js';
import { entries, flagPath, list, pathOf, rulesOf, type Shown } from './written.js';

/** In the flag as its environment has it, in all phases of its experiment, and where other flags require it. */
export function renameVariant(shown: Shown, from: string, to: string): Files {
  const { model, flag } = shown;
  let files = rename(shown.files, [...pathOf(shown, 'variants'), from], to);
  const follow = (path: Path): void => {
    if (get(files, path) === from) files = set(files, path, to);
  };
  const followKey = (path: Path): void => {
    if (Object.hasOwn(entries(get(files, path)), from)) files = rename(files, [...path, from], to);
  };
  for (const key of ['default', 'whenOff']) follow(pathOf(shown, key));
  followKey(pathOf(shown, 'targets'));
  const path = pathOf(shown, 'rules');
  for (const rule of rulesOf(path, get(files, path))) {
    follow([...rule.path, 'serve']);
    follow([...rule.path, 'ramp']);
  }
  const experiment = model.experiments.find(({ key }) => key === flag.experiment);
  for (const [at] of list(experiment && get(files, ['experiments', experiment.key, 'phases'])).entries()) {
    followKey(['experiments', experiment?.key ?? '', 'phases', at, 'split']);
  }
  // What other flags ask for.
  for (const other of model.flags) {
    const requires = [...flagPath(other.key), 'requires', flag.key];
    follow(requires);
    for (const [at] of list(get(files, requires)).entries()) follow([...requires, at]);
  }
  return files;
}
