/** Somebody else saved meanwhile: what was opened, what is yours and what is theirs beside each other, and a choice for each part that both changed. */

import { useEffect, useMemo, useState } from 'react';
import type { Files } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Choice as Choose } from '../ui/choice.js';
import { Dialog } from '../ui/dialog.js';
import { Tag } from '../ui/tag.js';
import { type Choice, type Merged, mergedFiles, type Part, textOf } from './merge.js';
import type { Conflict } from './save.js';
import './files.css';

interface Props {
  readonly conflict: Conflict;
  /** What becomes of the result: it is saved, or is the draft from then on. */
  readonly as: 'saved' | 'draft';
  readonly isPending: boolean;
  readonly onClose: () => void;
  readonly onDone: (files: Files) => void;
}

const DOES = { saved: 'Save the result', draft: 'Go on with the result' } as const;

export default function ConflictDialog({ conflict, as, isPending, onClose, onDone }: Props) {
  const { base, mine, theirs, where } = conflict;
  const merged = useMemo(() => mergedFiles(base, mine, theirs), [base, mine, theirs]);
  const [chosen, setChosen] = useState<Readonly<Record<string, Choice>>>({});
  // Of another conflict, nothing is chosen yet.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the conflict is what it is for
  useEffect(() => setChosen({}), [conflict]);
  const keyOf = (file: Merged, part: number): string => `${file.path}#${part}`;
  const open = merged.flatMap((file) => file.parts.flatMap(({ kind }, part) => (kind === 'conflict' ? [keyOf(file, part)] : [])));
  const left = open.filter((key) => !chosen[key]).length;
  const others = where === 'on the server' ? 'The server’s' : 'The folder’s';

  const finish = (): void => {
    const files: Record<string, string> = { ...base };
    for (const file of merged) {
      const text = textOf(file, (part) => chosen[keyOf(file, part)] ?? 'mine');
      if (text === undefined) delete files[file.path];
      else files[file.path] = text;
    }
    onDone(files);
  };
  const all = (file: Merged, choice: Choice): void => {
    const keys = open.filter((key) => key.startsWith(`${file.path}#`));
    setChosen({ ...chosen, ...Object.fromEntries(keys.map((key) => [key, choice])) });
  };

  return (
    <Dialog
      title={`The rules ${where} have changed since you opened them`}
      isOpen
      keeps
      onClose={onClose}
      wide
      actions={
        <>
          <span className="soft" role="status">
            {left > 0 ? `${left} of ${open.length} left to choose` : 'Nothing was saved yet.'}
          </span>
          <Button onPress={onClose}>Keep drafting</Button>
          <Button kind="primary" isDisabled={left > 0} isPending={isPending} onPress={finish}>
            {DOES[as]}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          {open.length === 0
            ? 'You and somebody else changed different lines, so that nothing is to be chosen. Look at both, then go on.'
            : 'Where both of you changed the same lines, choose which to keep. Everything else is kept from both.'}
        </p>
        {merged.map((file) => (
          <section key={file.path} className="merged" data-file={file.path} aria-label={file.path}>
            <div className="row between">
              <h3>{file.path}</h3>
              {file.isClean ? (
                <Tag>{told(file)}</Tag>
              ) : (
                <span className="row">
                  <Button small aria-label={`All mine in ${file.path}`} onPress={() => all(file, 'mine')}>
                    All mine
                  </Button>
                  <Button small aria-label={`All theirs in ${file.path}`} onPress={() => all(file, 'theirs')}>
                    All theirs
                  </Button>
                </span>
              )}
            </div>
            {file.parts.map((part, index) =>
              part.kind === 'same' ? null : (
                // biome-ignore lint/suspicious/noArrayIndexKey: parts of a file have no other name, and never move
                <div key={index} className="part" data-kind={part.kind}>
                  <Columns part={part} file={file} others={others} />
                  {part.kind === 'conflict' && (
                    <Choose
                      label={`Keep for ${file.path}, part ${index + 1}`}
                      value={chosen[keyOf(file, index)] ?? ''}
                      onChange={(choice) => setChosen({ ...chosen, [keyOf(file, index)]: choice as Choice })}
                      options={[
                        { value: 'mine', name: 'Mine' },
                        { value: 'theirs', name: `${others}` },
                      ]}
                    />
                  )}
                </div>
              ),
            )}
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function Columns({ part, file, others }: { readonly part: Part; readonly file: Merged; readonly others: string }) {
  const columns = [
    ['As opened', part.base, false],
    ['Mine', part.mine, file.mine === undefined],
    [others, part.theirs, file.theirs === undefined],
  ] as const;
  return (
    <div className="columns">
      {columns.map(([name, text, isGone]) => (
        <figure key={name}>
          <figcaption>{name}</figcaption>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard */}
          <pre tabIndex={0}>{isGone ? '(the file was removed)' : text || '(nothing)'}</pre>
        </figure>
      ))}
    </div>
  );
}

function told(file: Merged): string {
  const kinds = new Set(file.parts.map(({ kind }) => kind));
  if (kinds.has('mine') && kinds.has('theirs')) return 'changed by both, in different places';
  return kinds.has('mine') ? 'changed by you' : kinds.has('theirs') ? 'changed by somebody else' : 'changed alike by both';
}
