/** Whom the page is previewed as: people of the sample, and each attribute to change. */

import { PERSONAS } from '../../../www/src/personas.js';
import type { Model } from '../engine/engine.js';
import { Field } from '../ui/field.js';
import { Panel } from '../ui/panel.js';
import { Select } from '../ui/select.js';
import { change, choose, useWho } from './who.js';

const HINTS: Readonly<Record<string, string>> = {
  date: '2026-11-30, or with a time: 2026-11-30T09:00Z',
  semver: '3.4.1',
  list: 'separated by commas',
};

/** People of the sample who have something to do with these rules. */
const known = ({ attributes }: Model): typeof PERSONAS =>
  PERSONAS.filter(({ context }) => Object.keys(context).filter((name) => name in attributes).length > 1);

export function Visitor({ model }: { readonly model: Model }) {
  const { persona, context } = useWho();
  const people = known(model);
  return (
    <Panel title="Preview as" note="Nothing of it leaves this browser, and nothing is recorded.">
      {people.length > 0 && (
        <fieldset className="people" aria-label="People of the sample">
          {people.map(({ id, name, about }) => (
            <button key={id} type="button" className="person" aria-pressed={id === persona} onClick={() => choose(id)}>
              <strong>{name}</strong>
              <small>{about}</small>
            </button>
          ))}
        </fieldset>
      )}
      <details className="attributes" open={people.length === 0 || undefined}>
        <summary>Attributes</summary>
        <div className="fields">
          {Object.entries(model.attributes).map(([name, attribute]) => (
            <Attribute key={name} name={name} {...attribute} value={(context as Record<string, unknown>)[name]} />
          ))}
        </div>
      </details>
    </Panel>
  );
}

interface AttributeProps {
  readonly name: string;
  readonly type: string;
  readonly values?: readonly string[];
  readonly value: unknown;
}

/** An empty field is an attribute that the visitor does not have: conditions on it are unknown. */
function Attribute({ name, type, values, value }: AttributeProps) {
  const text = value === undefined ? '' : Array.isArray(value) ? value.join(', ') : String(value);
  const options = values ?? (type === 'boolean' ? ['true', 'false'] : undefined);
  const set = (next: string): void => change(name, parse(type, next));
  if (options) {
    return <Select label={name} value={text} onChange={set} options={[{ value: '', name: 'missing' }, ...options]} />;
  }
  return (
    <Field
      label={name}
      value={text}
      onChange={set}
      type={type === 'number' ? 'number' : 'text'}
      step="any"
      placeholder="missing"
      hint={HINTS[type]}
    />
  );
}

function parse(type: string, text: string): unknown {
  if (text === '') return undefined;
  if (type === 'number') return Number(text);
  if (type === 'boolean') return text === 'true';
  // What is typed stays as it is until it is a list: a comma at the end begins the next item.
  if (type === 'list') return text.split(',').map((item) => item.trim());
  return text;
}
