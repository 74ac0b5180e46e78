/** What is written beside an operator: by the attribute's type and the operator's shape. */

import type { Model } from '../engine/types.js';
import type { Condition } from '../rules/condition.js';
import { operatorOf } from '../rules/operators.js';
import { isEntries, isList, type Value } from '../rules/value.js';
import { Field } from '../ui/field.js';
import { Select } from '../ui/select.js';
import { numbered } from './tree.js';
import { useTyped } from './typed.js';
import { One, Several } from './values.js';

type Test = Condition & { readonly kind: 'test' };

export interface OperandProps {
  readonly test: Test;
  readonly model: Model;
  /** Which condition it is, for those who do not see it. */
  readonly name: string;
  readonly onChange: (operand: Value) => void;
}

const PLACEHOLDERS: Readonly<Record<string, string>> = { date: '2026-11-30', semver: '3.4.1', number: '0' };

export function Operand({ test, model, name, onChange }: OperandProps) {
  const { attribute, operator, operand } = test;
  const type = model.attributes[attribute]?.type ?? 'string';
  const shape = operatorOf(type, operator)?.shape;
  const typed = (text: string): Value => (type === 'number' ? numbered(text) : text);
  switch (shape) {
    case 'truth':
      // The operator says it: is present, is missing.
      return null;
    case 'one':
      if (type === 'boolean') {
        return (
          <Select
            label={`Value of ${name}`}
            hideLabel
            value={String(operand)}
            options={['true', 'false']}
            onChange={(value) => onChange(value === 'true')}
          />
        );
      }
      return (
        <Single
          label={`Value of ${name}`}
          type={type}
          attribute={attribute}
          model={model}
          value={text(operand)}
          onChange={(value) => onChange(typed(value))}
        />
      );
    case 'several':
    case 'some': {
      const values = isList(operand) ? operand : operand === '' || operand === null ? [] : [operand];
      const put = (next: readonly string[]): void => {
        const all = next.map(typed);
        const [first] = all;
        onChange(shape === 'some' && all.length === 1 && first !== undefined ? first : all);
      };
      return <Several label={`Values of ${name}`} attribute={attribute} model={model} values={values.map(text)} onChange={put} />;
    }
    case 'bounds': {
      const [low = '', high = ''] = isList(operand) ? operand : [operand, operand];
      return (
        <div className="row bounds">
          <Single
            label={`Lowest of ${name}`}
            type={type}
            attribute={attribute}
            model={model}
            value={text(low)}
            onChange={(value) => onChange([typed(value), high])}
          />
          <span className="soft">and</span>
          <Single
            label={`Highest of ${name}`}
            type={type}
            attribute={attribute}
            model={model}
            value={text(high)}
            onChange={(value) => onChange([low, typed(value)])}
          />
        </div>
      );
    }
    case 'duration':
      return <Duration name={name} value={text(operand)} onChange={onChange} />;
    case 'size':
      return <Size name={name} value={operand} onChange={onChange} />;
    default:
      return <code className="soft">{JSON.stringify(operand)}</code>;
  }
}

const text = (value: Value): string => (typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value));

interface SingleProps {
  readonly label: string;
  readonly type: string;
  readonly attribute: string;
  readonly model: Model;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

function Single({ label, type, attribute, model, value, onChange }: SingleProps) {
  if (type === 'string' || type === 'semver') {
    return (
      <One
        label={label}
        attribute={attribute}
        model={model}
        value={value}
        onChange={onChange}
        placeholder={PLACEHOLDERS[type] ?? 'A value'}
      />
    );
  }
  return <Plain label={label} type={type} value={value} onChange={onChange} />;
}

function Plain({ label, type, value, onChange }: Pick<SingleProps, 'label' | 'type' | 'value' | 'onChange'>) {
  const typed = useTyped(value, onChange);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what was typed counts when the field is left
    <div onBlur={typed.settle}>
      <Field
        label={label}
        hideLabel
        type={type === 'number' ? 'number' : 'text'}
        {...(type === 'number' && { step: 'any' as const })}
        value={typed.text}
        onChange={typed.type}
        onSubmit={typed.settle}
        placeholder={PLACEHOLDERS[type]}
        width={type === 'number' ? '7rem' : '13rem'}
      />
    </div>
  );
}

const UNITS = [
  { value: 'd', name: 'days' },
  { value: 'h', name: 'hours' },
  { value: 'w', name: 'weeks' },
  { value: 'm', name: 'minutes' },
  { value: 's', name: 'seconds' },
];

function Duration({ name, value, onChange }: { readonly name: string; readonly value: string; readonly onChange: (value: Value) => void }) {
  const [, count = '', unit = 'd'] = /^(\d*)([smhdw]?)$/.exec(value) ?? [];
  return (
    <div className="row bounds">
      <Plain label={`How long, of ${name}`} type="number" value={count} onChange={(next) => onChange(`${next}${unit || 'd'}`)} />
      <Select label={`Unit of ${name}`} hideLabel value={unit || 'd'} options={UNITS} onChange={(next) => onChange(`${count}${next}`)} />
    </div>
  );
}

const BOUNDS = [
  { value: 'is', name: 'exactly' },
  { value: 'gte', name: 'at least' },
  { value: 'gt', name: 'more than' },
  { value: 'lte', name: 'at most' },
  { value: 'lt', name: 'less than' },
];

function Size({ name, value, onChange }: { readonly name: string; readonly value: Value; readonly onChange: (value: Value) => void }) {
  const bounds = isEntries(value) ? Object.entries(value) : [['is', value] as const];
  const put = (index: number, bound: string, size: Value): void => {
    const all = bounds.map((one, at) => (at === index ? ([bound, size] as const) : one));
    const [first] = all;
    onChange(all.length === 1 && first?.[0] === 'is' ? first[1] : Object.fromEntries(all));
  };
  return (
    <div className="row bounds">
      {bounds.map(([bound, size], index) => (
        <div className="row" key={bound}>
          <Select label={`Bound of ${name}`} hideLabel value={bound} options={BOUNDS} onChange={(next) => put(index, next, size)} />
          <Plain label={`How many, of ${name}`} type="number" value={text(size)} onChange={(next) => put(index, bound, numbered(next))} />
        </div>
      ))}
    </div>
  );
}
