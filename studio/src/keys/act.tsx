/** A step: a button, a dialog that says what will happen before it does, and what came of it once the server has said so. */

import { createContext, type ReactNode, useContext, useState } from 'react';
import type { Key, Role } from './key.js';
import { KeyField } from './key-field.js';
import { useKeys } from './keys.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { ErrorNote } from '../ui/error.js';
import { Field } from '../ui/field.js';
import { Away } from '../api/ask.js';

/** Told of what was done. Resolves once the page shows what the server says since. */
export const Done = createContext<(said: string) => Promise<void>>(async () => {});

interface Props {
  /** What the button says. */
  readonly name: string;
  /** What will happen, and what will not. */
  readonly will: readonly ReactNode[];
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly small?: boolean;
  /** The same with what it is done to: the button's name for those who hear it, and the dialog's title. It begins as the button does. */
  readonly label?: string;
  readonly isDisabled?: boolean;
  /** Whose key signs it. */
  readonly signs?: Role;
  /** Whether a reason is asked for. */
  readonly why?: 'optional' | 'required';
  readonly run: (given: { key: Key; why: string }) => Promise<string>;
}

export function Act({ name, will, kind = 'plain', small = false, label, isDisabled = false, signs, why, run }: Props) {
  const done = useContext(Done);
  const key = useKeys()[signs ?? 'approver'];
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [error, setError] = useState<Error>();
  const [isPending, setPending] = useState(false);
  const isReady = (!signs || key !== undefined) && (why !== 'required' || reason.trim() !== '');

  const close = (): void => {
    if (isPending) return;
    setOpen(false);
    setError(undefined);
  };
  const step = async (): Promise<void> => {
    setPending(true);
    setError(undefined);
    try {
      // A step that nobody signs looks at none.
      const said = await run({ key: key as Key, why: reason.trim() });
      setReason('');
      // It closes once the page shows what came of it.
      await done(said);
      setOpen(false);
    } catch (failed) {
      setError(failed as Error);
    } finally {
      setPending(false);
    }
  };

  return (
    <>
      <Button kind={kind} small={small} {...(label && { 'aria-label': label })} isDisabled={isDisabled} onPress={() => setOpen(true)}>
        {name}
      </Button>
      <Dialog
        title={label ?? name}
        isOpen={isOpen}
        onClose={close}
        danger={kind === 'danger'}
        actions={
          <>
            <Button onPress={close}>Cancel</Button>
            <Button kind={kind === 'danger' ? 'danger' : 'primary'} isDisabled={!isReady} isPending={isPending} onPress={() => void step()}>
              {label ?? name}
            </Button>
          </>
        }
      >
        <div className="stack">
          <ul className="will">
            {will.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of one sentence each, which never move
              <li key={index}>{line}</li>
            ))}
          </ul>
          {signs && <KeyField signs={signs} />}
          {why && (
            <Field
              label={why === 'required' ? 'Why' : 'Why (optional)'}
              value={reason}
              onChange={setReason}
              isRequired={why === 'required'}
              hint="It is kept in the history."
            />
          )}
          {error && (
            <ErrorNote title={error instanceof Away ? 'It is not known whether it was done' : 'It was not done'}>{error.message}</ErrorNote>
          )}
        </div>
      </Dialog>
    </>
  );
}
