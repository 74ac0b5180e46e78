/** Rules whose text is being written: a file that is no YAML for a moment is shown as it was before. */

import type { Files, Rules } from '../shell/session.js';
import { read } from './files.js';
import type { EditError } from './value.js';

export interface Readable {
  /** As they are drafted, but for files that cannot be read: those as they could be read last. */
  readonly files: Files;
  /** Why the first of those cannot be read. What is shown of `files` is not to be changed then: it would come back in place of what was typed. */
  readonly broken?: EditError;
}

/** The last text of each file that could be read, by what was opened. */
const lasts = new WeakMap<Files, Map<string, string>>();
const known = new WeakMap<Files, Readable>();

export function readable({ base, files }: Pick<Rules, 'base' | 'files'>): Readable {
  const before = known.get(files);
  if (before) return before;
  const { said, broken } = read(files);
  let last = lasts.get(base);
  if (!last) {
    // Nothing of this was shown before, as after a reload: as it was opened, if that could be read.
    const opened = read(base).said;
    lasts.set(base, (last = new Map(Object.entries(base).filter(([file]) => file in opened))));
  }
  for (const [file, text] of Object.entries(files)) if (file in said) last.set(file, text);
  const shown = Object.fromEntries(Object.entries(files).map(([file, text]) => [file, file in said ? text : (last.get(file) ?? text)]));
  const found: Readable = broken ? { files: shown, broken } : { files };
  known.set(files, found);
  return found;
}
