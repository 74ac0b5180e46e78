/** Makes a segment, and goes to it. */

import { useState } from 'react';
import type { Model } from '../engine/types.js';
import { write } from '../rules/condition.js';
import { add, EditError } from '../rules/rules.js';
import { go } from '../shell/address.js';
import { edit, useRules } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { firstTest } from './tree.js';

/** A name as people say it, as rules write it. */
export const named = (title: string): string =>
  title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 100);

export function NewSegment({ model }: { readonly model: Model }) {
  const rules = useRules();
  const [isOpen, setOpen] = useState(false);
  const [title, setTitle] = useState('');
  const [wrong, setWrong] = useState<string>();
  const key = named(title);
  const make = (): void => {
    if (!rules) return;
    if (key === '') return setWrong('Name it with letters or digits.');
    try {
      edit(add(rules.files, 'segments', key, { title: title.trim(), if: write(firstTest(model)) }));
      setOpen(false);
      setTitle('');
      go({ segment: key, flag: undefined, tab: undefined });
    } catch (error) {
      if (!(error instanceof EditError)) throw error;
      setWrong(`${error.message}: ${error.remedy}.`);
    }
  };
  return (
    <>
      <Button kind="primary" onPress={() => setOpen(true)}>
        New segment
      </Button>
      <Dialog
        title="New segment"
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        actions={
          <>
            <Button onPress={() => setOpen(false)}>Cancel</Button>
            <Button kind="primary" onPress={make}>
              Make it
            </Button>
          </>
        }
      >
        <Field
          label="Who they are"
          value={title}
          onChange={(text) => {
            setTitle(text);
            setWrong(undefined);
          }}
          onSubmit={make}
          autoFocus
          placeholder="Newcomers from Germany"
          hint={key ? `In the rules: ${key}` : 'In words; the rules get a short name of it.'}
          error={wrong}
        />
      </Dialog>
    </>
  );
}
