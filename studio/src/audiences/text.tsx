/** The text of the rules where something is written: opened when somebody asks, with what the compiler found marked in place. */

import { lazy, Suspense, useRef, useState } from 'react';
import type { Finding } from '../engine/types.js';
import { type Readable, readable } from '../rules/readable.js';
import { type EditError, get, type Where, where } from '../rules/rules.js';
import { withTyped } from '../rules/typing.js';
import type { Path, Value } from '../rules/value.js';
import { current, edit, type Files, type Rules } from '../shell/session.js';
import { ErrorNote } from '../ui/error.js';
import { Progress } from '../ui/progress.js';

const TextEditor = lazy(() => import('../rules/text-editor.js'));

export interface Written extends Readable {
  /** What is there, and where it is; nothing if the rules have none of it. */
  readonly value: Value | undefined;
  readonly place: Where | undefined;
  /** Where its text is. It stays while it is written, also while nothing there has its name. */
  readonly text: Where | undefined;
}

/** What is written at a path of rules, as they can be read. */
export function useWritten(rules: Pick<Rules, 'base' | 'files'>, path: Path): Written {
  const shown = readable(rules);
  const place = where(shown.files, path);
  const was = useRef<Where>(undefined);
  was.current = place ?? was.current;
  const text = was.current && was.current.file in rules.files ? was.current : undefined;
  return { ...shown, value: get(shown.files, path), place, text };
}

export interface TextProps {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly findings: readonly Finding[];
  readonly files: Files;
  /** Why a file cannot be read at the moment: the rest of the page shows what it said before. */
  readonly broken?: EditError | undefined;
  /** Open from the beginning. */
  readonly open?: boolean;
}

export function Text({ name, file, line, findings, files, broken, open = false }: TextProps) {
  const [isOpen, setOpen] = useState(open);
  return (
    <>
      <details className="text" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>The rules text ({file})</summary>
        {isOpen && (
          <Suspense fallback={<Progress label="Loading the editor" />}>
            <TextEditor
              key={file}
              label={`${file}, with ${name}`}
              file={file}
              text={files[file] ?? ''}
              line={line}
              findings={findings}
              onChange={(typed, before) => put(file, typed, before)}
            />
          </Suspense>
        )}
      </details>
      {/* Below: what appears while somebody types moves nothing from under their eyes. */}
      {broken && (
        <ErrorNote
          tone="unsure"
          title={`${broken.file} cannot be read at the moment`}
          remedy="Mend the text: what is wrong is marked in it."
        >
          The rest shows what it said before, and cannot be changed until then.
        </ErrorNote>
      )}
    </>
  );
}

/** Puts what was typed into the file as it is by now. */
function put(file: string, typed: string, before: string): string {
  const files = current()?.files;
  const text = files?.[file];
  // Other rules were opened.
  if (files === undefined || text === undefined) return typed;
  const next = withTyped(text, before, typed);
  if (next !== text) edit({ ...files, [file]: next });
  return next;
}
