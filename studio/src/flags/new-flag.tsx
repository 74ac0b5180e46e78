/** Makes a flag, which serves everybody what they have today, and goes to it. */

import { useState } from 'react';
import { named } from '../audiences/new-segment.js';
import { add } from '../rules/rules.js';
import type { Entries } from '../rules/value.js';
import { go } from '../shell/address.js';
import { useRules } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import { Dialog } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { Select } from '../ui/select.js';
import { change } from './written.js';

const TYPES = [
  { value: 'boolean', name: 'On or off' },
  { value: 'string', name: 'Texts' },
  { value: 'number', name: 'Numbers' },
  { value: 'object', name: 'Objects' },
];

/** Of each type: what is served at first, and what else may be. */
const VARIANTS: Readonly<Record<string, Entries>> = {
  string: { control: '', new: '' },
  number: { control: 0, new: 1 },
  object: { control: {}, new: {} },
};

const PURPOSES = [
  { value: 'release', name: 'release: out step by step' },
  { value: 'experiment', name: 'experiment: what is better?' },
  { value: 'ops', name: 'operations: a switch that stays' },
  { value: 'permission', name: 'permission: for some people' },
];

/** The flag as it is written. */
export function newFlag(type: string, description: string, purpose: string, removeBy: string): Entries {
  const variants = VARIANTS[type];
  const first = variants ? 'control' : 'off';
  return {
    type,
    ...(description && { description }),
    meta: { purpose, ...(removeBy && { removeBy }) },
    ...(variants && { variants }),
    whenOff: first,
    default: first,
  };
}

export default function NewFlag() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onPress={() => setOpen(true)}>New flag</Button>
      {isOpen && <Asked onClose={() => setOpen(false)} />}
    </>
  );
}

function Asked({ onClose }: { readonly onClose: () => void }) {
  const rules = useRules();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [type, setType] = useState('boolean');
  const [purpose, setPurpose] = useState('release');
  const [removeBy, setRemoveBy] = useState('');
  const key = named(name);
  const make = (): void => {
    if (!rules || key === '') return;
    if (!change(rules.files, (all) => add(all, 'flags', key, newFlag(type, description.trim(), purpose, removeBy)))) return;
    onClose();
    go({ flag: key, segment: undefined, tab: undefined });
  };
  return (
    <Dialog
      title="New flag"
      isOpen
      keeps
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={key === ''} onPress={make}>
            Make it
          </Button>
        </>
      }
    >
      <Field
        label="Name"
        value={name}
        onChange={setName}
        onSubmit={make}
        autoFocus
        placeholder="Gift wrapping"
        hint={key ? `In the rules and in the code: ${key}` : 'In words; rules and code get a short name of it.'}
      />
      <Field label="What it changes" value={description} onChange={setDescription} onSubmit={make} />
      <Choice label="Its values" value={type} options={TYPES} onChange={setType} />
      <div className="row end">
        <Select label="Purpose" value={purpose} options={PURPOSES} onChange={setPurpose} />
        <Field label="Remove it by (optional)" type="date" width="12rem" value={removeBy} onChange={setRemoveBy} />
      </div>
      <p className="soft">
        Everybody gets {type === 'boolean' ? 'off' : 'the variant control'} until a rule says otherwise. It is a draft until it is released.
      </p>
    </Dialog>
  );
}
