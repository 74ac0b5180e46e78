/** The variants of a flag, what is served when it is off, and to whom no rule applies. */

import { useState } from 'react';
import { useTyped } from '../audiences/typed.js';
import { remove, rename, set } from '../rules/rules.js';
import type { Entries } from '../rules/value.js';
import type { Files } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Switch } from '../ui/check.js';
import { Field } from '../ui/field.js';
import { Select } from '../ui/select.js';
import { colourOf } from '../ui/share.js';
import { change, entries, flagPath, text, variantsOf } from './written.js';

export function Variants({ files, flagKey, flag }: { readonly files: Files; readonly flagKey: string; readonly flag: Entries }) {
  const names = variantsOf(flag);
  const path = flagPath(flagKey);
  const values = entries(flag.variants);
  const isBoolean = flag.type === 'boolean';
  return (
    <div className="stack">
      <Switch
        label="Enabled"
        hint={flag.enabled === false ? 'Everybody gets what is served when it is off.' : 'Its rules decide.'}
        value={flag.enabled !== false}
        onChange={(isOn) =>
          change(files, (all) =>
            isOn && flag.enabled !== undefined ? remove(all, [...path, 'enabled']) : set(all, [...path, 'enabled'], isOn),
          )
        }
      />
      <div className="row end">
        <Select
          label="Served when it is off"
          value={text(flag.whenOff)}
          options={names}
          onChange={(name) => change(files, (all) => set(all, [...path, 'whenOff'], name))}
        />
        {flag.default !== undefined && (
          <Select
            label="Served where no rule applies"
            value={text(flag.default)}
            options={names}
            onChange={(name) => change(files, (all) => set(all, [...path, 'default'], name))}
          />
        )}
      </div>
      {isBoolean && Object.keys(values).length === 0 ? (
        <p className="soft">A boolean flag: its variants are on and off.</p>
      ) : (
        <ul className="stack tight">
          {names.map((name, at) => (
            <Variant
              key={name}
              files={files}
              path={[...path, 'variants']}
              name={name}
              at={at}
              value={values[name]}
              canGo={names.length > 1}
            />
          ))}
        </ul>
      )}
      {!isBoolean && <NewVariant files={files} path={[...path, 'variants']} names={names} type={text(flag.type)} />}
    </div>
  );
}

interface VariantProps {
  readonly files: Files;
  readonly path: readonly (string | number)[];
  readonly name: string;
  readonly at: number;
  readonly value: Entries[string] | undefined;
  readonly canGo: boolean;
}

function Variant({ files, path, name, at, value, canGo }: VariantProps) {
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
    if (renamed && renamed !== name) change(files, (all) => rename(all, [...path, name], renamed));
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
  readonly files: Files;
  readonly path: readonly (string | number)[];
  readonly names: readonly string[];
  readonly type: string;
}

const EMPTY: Readonly<Record<string, Entries[string]>> = { number: 0, object: {}, string: '' };

function NewVariant({ files, path, names, type }: NewVariantProps) {
  const [name, setName] = useState('');
  const isTaken = names.includes(name);
  const add = (): void => {
    if (!name || isTaken) return;
    change(files, (all) => set(all, [...path, name], EMPTY[type] ?? name));
    setName('');
  };
  return (
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
        Add
      </Button>
    </div>
  );
}
