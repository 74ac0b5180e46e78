/** The variants of a flag, what is served when it is off, and to whom no rule applies. */

import { useState } from 'react';
import { useTyped } from '../audiences/typed.js';
import { get, remove, set } from '../rules/rules.js';
import type { Entries } from '../rules/value.js';
import { Button } from '../ui/button.js';
import { Switch } from '../ui/check.js';
import { Field } from '../ui/field.js';
import { Select } from '../ui/select.js';
import { colourOf } from '../ui/share.js';
import { renameVariant } from './renamed.js';
import { change, entries, pathOf, type Shown, text } from './written.js';

export function Variants({ shown }: { readonly shown: Shown }) {
  const { files, flag } = shown;
  const at = (key: string) => pathOf(shown, key);
  const values = entries(get(files, at('variants')));
  const isBoolean = flag.type === 'boolean';
  // What is written and not compiled yet is there to be edited, too.
  const names = Object.keys(values).length > 0 ? Object.keys(values) : flag.variants;
  const whenOff = get(files, at('whenOff'));
  return (
    <div className="stack">
      <Switch
        label="Enabled"
        hint={!flag.enabled ? 'Everybody gets what is served when it is off.' : 'Its rules decide.'}
        value={flag.enabled}
        onChange={(isOn) =>
          change(files, (all) =>
            isOn && get(all, at('enabled')) !== undefined && !flag.replaced.includes('enabled')
              ? remove(all, at('enabled'))
              : set(all, at('enabled'), isOn),
          )
        }
      />
      <div className="row end">
        <Select
          label="Served when it is off"
          value={whenOff === null ? '' : text(whenOff)}
          options={[...names, { value: '', name: 'the default in the code' }]}
          onChange={(name) => change(files, (all) => set(all, at('whenOff'), name || null))}
        />
        <Select
          label="Served where no rule applies"
          value={text(get(files, at('default')))}
          options={names}
          onChange={(name) => change(files, (all) => set(all, at('default'), name))}
        />
      </div>
      {isBoolean && Object.keys(values).length === 0 ? (
        <p className="soft">A boolean flag: its variants are on and off. For more of them, make a flag of texts.</p>
      ) : (
        <ul className="stack tight">
          {names.map((name, place) => (
            // By its place: renamed, it is the same field, and keeps the focus.
            // biome-ignore lint/suspicious/noArrayIndexKey: names change, places stay
            <Variant key={place} shown={shown} path={at('variants')} name={name} at={place} value={values[name]} canGo={names.length > 1} />
          ))}
        </ul>
      )}
      {!isBoolean && <NewVariant shown={shown} path={at('variants')} names={names} />}
    </div>
  );
}

interface VariantProps {
  readonly shown: Shown;
  readonly path: readonly (string | number)[];
  readonly name: string;
  readonly at: number;
  readonly value: Entries[string] | undefined;
  readonly canGo: boolean;
}

function Variant({ shown, path, name, at, value, canGo }: VariantProps) {
  const { files } = shown;
  const [renamed, setRenamed] = useState<string>();
  const isJson = typeof value === 'object' && value !== null;
  const read = (now: string): Entries[string] | undefined => (isJson ? parsed(now) : typeof value === 'number' ? numbered(now) : now);
  const typed = useTyped(
    text(value),
    (now) => {
      const next = read(now);
      if (next !== undefined) change(files, (all) => set(all, [...path, name], next));
    },
    (now) => text(read(now)),
  );
  const wrong = read(typed.text) !== undefined ? undefined : isJson ? 'Not JSON' : 'Not a number';
  const finish = (): void => {
    if (renamed && renamed !== name) change(files, (all) => renameVariant({ ...shown, files: all }, name, renamed));
    setRenamed(undefined);
  };
  return (
    <li className="row end flag-variant">
      <span className="flag-swatch" style={{ background: colourOf(at) }} aria-hidden="true" />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the field inside is what is left */}
      <span onBlur={finish}>
        <Field label={`Variant ${at + 1}`} width="10rem" value={renamed ?? name} onChange={setRenamed} onSubmit={finish} />
      </span>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what was typed counts when the field is left */}
      <span className="flag-value" onBlur={typed.settle}>
        <Field
          label={`Value of ${name}`}
          width="100%"
          mono={isJson}
          value={typed.text}
          error={wrong}
          onChange={typed.type}
          onSubmit={typed.settle}
        />
      </span>
      {canGo && (
        <Button kind="quiet" small label={`Remove variant ${name}`} onPress={() => change(files, (all) => remove(all, [...path, name]))}>
          ✕
        </Button>
      )}
    </li>
  );
}

function parsed(json: string): Entries[string] | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const numbered = (typed: string): number | undefined => (typed.trim() !== '' && Number.isFinite(Number(typed)) ? Number(typed) : undefined);

interface NewVariantProps {
  readonly shown: Shown;
  readonly path: readonly (string | number)[];
  readonly names: readonly string[];
}

const EMPTY: Readonly<Record<string, Entries[string]>> = { number: 0, object: {}, string: '' };

function NewVariant({ shown: { files, flag }, path, names }: NewVariantProps) {
  const [name, setName] = useState('');
  const isTaken = names.includes(name);
  const add = (): void => {
    if (!name || isTaken) return;
    change(files, (all) => set(all, [...path, name], EMPTY[flag.type] ?? name));
    setName('');
  };
  return (
    <>
      <div className="row end">
        <Field
          label="New variant"
          width="10rem"
          value={name}
          onChange={setName}
          onSubmit={add}
          error={isTaken ? 'There is one of this name' : undefined}
        />
        <Button small isDisabled={!name || isTaken} onPress={add}>
          Add variant
        </Button>
      </div>
      {flag.experiment !== undefined && (
        <p className="soft">Nobody gets a new variant before it has a share of the split of {flag.experiment}, above.</p>
      )}
    </>
  );
}
