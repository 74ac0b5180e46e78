/** One test: of an attribute, a segment, a list, a flag or a share. */

import type { Model } from '../engine/types.js';
import type { Condition } from '../rules/condition.js';
import { operatorsOf } from '../rules/operators.js';
import { isEntries, isList, type Value } from '../rules/value.js';
import { Field } from '../ui/field.js';
import { type Option, Select } from '../ui/select.js';
import { Operand } from './operand.js';
import { withAttribute, withOperator } from './tree.js';
import { useTyped } from './typed.js';
import { Tokens } from './values.js';

export interface LeafProps {
  readonly part: Condition;
  readonly model: Model;
  readonly segment: string | undefined;
  readonly name: string;
  readonly onChange: (part: Condition) => void;
}

/** What is asked of other things than attributes: no attribute has such a name. */
const OTHERS = [
  { value: ':segment', name: 'Segment' },
  { value: ':list', name: 'List' },
  { value: ':flag', name: 'Flag' },
  { value: ':share', name: 'Share of units' },
];

export function Leaf({ part, model, segment, name, onChange }: LeafProps) {
  if (part.kind === 'other') {
    return (
      <p className="soft">
        <code>{JSON.stringify(part.value)}</code> is edited in the text.
      </p>
    );
  }
  const attributes = Object.keys(model.attributes);
  const segments = model.segments.map(({ key }) => key).filter((key) => key !== segment);
  const options: Option[] = [
    ...attributes,
    ...OTHERS.filter(
      ({ value }) =>
        (value === ':segment' && segments.length > 0) ||
        (value === ':list' && model.lists.length > 0) ||
        (value === ':flag' && model.flags.length > 0) ||
        (value === ':share' && Object.keys(model.units).length > 0),
    ),
  ];
  const choose = (what: string): void => {
    const [flag] = model.flags;
    if (what === ':segment') onChange({ kind: 'segment', name: segments[0] ?? '' });
    else if (what === ':list') onChange({ kind: 'list', name: model.lists[0] ?? '' });
    else if (what === ':flag') onChange({ kind: 'flag', flag: flag?.key ?? '', variants: flag?.variants[0] ?? '' });
    else if (what === ':share')
      onChange({ kind: 'share', share: { of: Object.keys(model.units)[0] ?? '', part: '0%-50%', salt: segment ?? 'half' } });
    else if (part.kind === 'test') onChange(withAttribute(part, what, model));
    else onChange(withAttribute({ kind: 'test', attribute: '', operator: 'is', operand: '' }, what, model));
  };
  const what = part.kind === 'test' ? part.attribute : `:${part.kind}`;
  return (
    <div className="fields">
      <Select label={`What condition ${name} asks for`} hideLabel value={what} options={options} onChange={choose} />
      <Rest part={part} model={model} segments={segments} name={`condition ${name}`} onChange={onChange} />
    </div>
  );
}

function Rest({ part, model, segments, name, onChange }: Omit<LeafProps, 'segment'> & { readonly segments: readonly string[] }) {
  switch (part.kind) {
    case 'test':
      return <Test test={part} model={model} name={name} onChange={onChange} />;
    case 'segment':
    case 'list': {
      const options = part.kind === 'segment' ? segments : model.lists;
      return (
        <Select
          label={`${part.kind === 'segment' ? 'Segment' : 'List'} of ${name}`}
          hideLabel
          value={part.name}
          options={options}
          onChange={(other) => onChange({ ...part, name: other })}
        />
      );
    }
    case 'flag':
      return <Flag part={part} model={model} name={name} onChange={onChange} />;
    case 'share':
      return <ShareFields value={part.share} model={model} name={name} onChange={(share) => onChange({ ...part, share })} />;
    default:
      return null;
  }
}

function Test({
  test,
  model,
  name,
  onChange,
}: Pick<LeafProps, 'model' | 'name' | 'onChange'> & { readonly test: Condition & { kind: 'test' } }) {
  const type = model.attributes[test.attribute]?.type ?? 'string';
  const known = operatorsOf(type).filter(({ shape }) => shape !== 'truth');
  const options = [
    ...known.map(({ name: value, words }) => ({ value, name: words })),
    { value: 'present', name: 'is present' },
    { value: 'missing', name: 'is missing' },
  ];
  const operator = test.operator === 'exists' ? (test.operand === false ? 'missing' : 'present') : test.operator;
  return (
    <>
      <Select
        label={`Operator of ${name}`}
        hideLabel
        value={operator}
        options={options}
        onChange={(to) => onChange(withOperator(test, type, to))}
      />
      <Operand test={test} model={model} name={name} onChange={(operand) => onChange({ ...test, operand })} />
    </>
  );
}

function Flag({
  part,
  model,
  name,
  onChange,
}: Pick<LeafProps, 'model' | 'name' | 'onChange'> & { readonly part: Condition & { kind: 'flag' } }) {
  const variants = (isList(part.variants) ? part.variants : [part.variants]).map(String).filter(Boolean);
  const flag = model.flags.find(({ key }) => key === part.flag);
  return (
    <>
      <Select
        label={`Flag of ${name}`}
        hideLabel
        value={part.flag}
        options={model.flags.map(({ key }) => key)}
        onChange={(key) => onChange({ ...part, flag: key, variants: model.flags.find((one) => one.key === key)?.variants[0] ?? '' })}
      />
      <span className="soft">is</span>
      <Tokens
        label={`Variants of ${name}`}
        values={variants}
        options={(flag?.variants ?? []).map((value) => ({ value }))}
        onChange={(all) => onChange({ ...part, variants: all.length === 1 && all[0] !== undefined ? all[0] : all })}
      />
    </>
  );
}

function ShareFields({
  value,
  model,
  name,
  onChange,
}: {
  readonly value: Value;
  readonly model: Model;
  readonly name: string;
  readonly onChange: (value: Value) => void;
}) {
  const entries = isEntries(value) ? value : {};
  const put = (key: string, text: string): void => onChange({ ...entries, [key]: text });
  const part = useTyped(String(entries.part ?? ''), (text) => put('part', text));
  const salt = useTyped(String(entries.salt ?? ''), (text) => put('salt', text));
  return (
    <>
      <Select
        label={`Unit of ${name}`}
        hideLabel
        value={String(entries.of ?? '')}
        options={Object.keys(model.units)}
        onChange={(of) => put('of', of)}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what was typed counts when the field is left */}
      <div className="row" onBlur={() => (part.settle(), salt.settle())}>
        <Field
          label={`Part of ${name}`}
          hideLabel
          value={part.text}
          onChange={part.type}
          onSubmit={part.settle}
          placeholder="0%-50%"
          width="7rem"
        />
        <Field
          label={`Salt of ${name}`}
          hideLabel
          value={salt.text}
          onChange={salt.type}
          onSubmit={salt.settle}
          placeholder="salt"
          width="9rem"
        />
      </div>
    </>
  );
}
