/** Values of an attribute: one or several, with those that the audience has. */

import { type KeyboardEvent, useState } from 'react';
import { engine } from '../engine/engine.js';
import type { Model } from '../engine/types.js';
import { Button } from '../ui/button.js';
import { ComboBox } from '../ui/combobox.js';
import { count } from '../ui/numbers.js';
import { steps } from '../ui/steps.js';
import { useTyped } from './typed.js';

interface Option {
  readonly value: string;
  readonly hint?: string;
}

/** How many are offered at once. */
const OFFERED = 30;

/** How many of an operator's values are drawn: there may be 4,096. */
const DRAWN = 100;

export interface OneProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly error?: string | undefined;
  readonly placeholder?: string;
}

/** Looks up what the audience has, and what is declared. */
function useOptions(
  attribute: string,
  { attributes }: Model,
): { options: readonly Option[]; isLoading: boolean; search(prefix: string): void } {
  const declared = attributes[attribute]?.values;
  const [found, setFound] = useState<{ of: string; prefix: string; options: readonly Option[] }>();
  const [asked, setAsked] = useState({ of: '', prefix: '' });
  const own = found?.of === attribute ? found.options : [];
  const search = (prefix: string): void => {
    setAsked({ of: attribute, prefix });
    engine.values(attribute, prefix, OFFERED).then(
      (values) =>
        setFound({ of: attribute, prefix, options: values.map(({ value, people }) => ({ value, hint: `${count(people)} people` })) }),
      // Without people there is nothing to offer but what is declared.
      () => setFound({ of: attribute, prefix, options: [] }),
    );
  };
  const others = (declared ?? []).filter((value) => !own.some((option) => option.value === value)).map((value) => ({ value }));
  const all = [...own, ...others];
  const isLoading = asked.of === attribute && (found?.of !== attribute || found.prefix !== asked.prefix);
  // What was found for other text than is typed by now: who is quick would take what they did not mean.
  const isLike = ({ value }: Option): boolean => value.toLowerCase().startsWith(asked.prefix.toLowerCase());
  return { options: isLoading ? all.filter(isLike) : all, isLoading, search };
}

/** One value, with completion. */
export function One({
  attribute,
  model,
  label,
  value,
  onChange,
  error,
  placeholder,
}: OneProps & { readonly attribute: string; readonly model: Model }) {
  const { options, isLoading, search } = useOptions(attribute, model);
  const { text, type, settle } = useTyped(value, onChange);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what was typed counts when the field is left
    <div className="grow" onBlur={settle} onKeyDown={({ key }) => key === 'Enter' && settle()}>
      <ComboBox
        label={label}
        hideLabel
        value={text}
        onChange={type}
        options={options}
        onSearch={search}
        isLoading={isLoading}
        error={error}
        {...(placeholder !== undefined && { placeholder })}
      />
    </div>
  );
}

export interface SeveralProps {
  readonly label: string;
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
  readonly error?: string | undefined;
}

/** Several values. Arrow keys go through them, Backspace takes one away. */
export function Several({ attribute, model, ...rest }: SeveralProps & { readonly attribute: string; readonly model: Model }) {
  const { options, isLoading, search } = useOptions(attribute, model);
  return <Tokens {...rest} options={options} isLoading={isLoading} onSearch={search} />;
}

export function Tokens({
  label,
  values,
  onChange,
  options,
  isLoading = false,
  onSearch,
  error,
}: SeveralProps & { readonly options: readonly Option[]; readonly isLoading?: boolean; readonly onSearch?: (prefix: string) => void }) {
  const [text, setText] = useState('');
  const take = (typed: string): void => {
    // What comes from a spreadsheet's column has a line for each.
    const come = typed.split(/[\n\t]/).map((one) => one.trim());
    const fresh = [...new Set(come)].filter((one) => one !== '' && !values.includes(one));
    if (fresh.length > 0) onChange([...values, ...fresh]);
    setText('');
  };
  const left = options.filter(({ value }) => !values.includes(value));
  return (
    <div className="tokens">
      {values.length > 0 && <Chosen label={`${label}: chosen`} values={values} onChange={onChange} />}
      {values.length > DRAWN && <p className="soft">And {count(values.length - DRAWN)} more, which are in the rules text.</p>}
      <form
        className="row adding"
        onSubmit={(event) => {
          event.preventDefault();
          take(text);
        }}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text');
          if (!/[\n\t]/.test(pasted.trim())) return;
          event.preventDefault();
          take(pasted);
        }}
      >
        <ComboBox
          label={label}
          hideLabel
          value={text}
          onChange={setText}
          options={left}
          {...(onSearch && { onSearch })}
          isLoading={isLoading}
          error={error}
          placeholder={values.length === 0 ? 'A value' : 'Another value'}
        />
        <Button small type="submit" isDisabled={text.trim() === ''}>
          Add
        </Button>
      </form>
    </div>
  );
}

/** What was chosen. Tab stops at one of them; arrow keys go on from there, and Backspace takes away where they are. */
function Chosen({ label, values, onChange }: Pick<SeveralProps, 'label' | 'values' | 'onChange'>) {
  const [stop, setStop] = useState(0);
  const drawn = values.slice(0, DRAWN);
  const only = Math.min(stop, drawn.length - 1);
  const remove = (value: string, list: HTMLElement | null): void => {
    const all = [...(list?.querySelectorAll('button') ?? [])];
    const at = drawn.indexOf(value);
    // What follows it is where the arrow keys are then, or the field if nothing is left.
    (all[at + 1] ?? all[at - 1] ?? list?.parentElement?.querySelector('input'))?.focus();
    onChange(values.filter((one) => one !== value));
    setStop(at);
  };
  const walk = (event: KeyboardEvent<HTMLElement>): void => {
    if (steps(event, 'button', ['ArrowLeft', 'ArrowRight']) || steps(event, 'button', ['ArrowUp', 'ArrowDown'])) return;
    const value = (event.target as HTMLElement).dataset.value;
    if ((event.key !== 'Backspace' && event.key !== 'Delete') || value === undefined) return;
    event.preventDefault();
    remove(value, event.currentTarget);
  };
  return (
    <ul className="token-list" aria-label={label} onKeyDown={walk}>
      {drawn.map((value, at) => (
        <li key={value} className="token">
          {value === '' ? '(empty)' : value}
          <button
            type="button"
            className="token-remove"
            aria-label={`Remove ${value}`}
            data-value={value}
            tabIndex={at === only ? 0 : -1}
            onFocus={() => setStop(at)}
            onClick={({ currentTarget }) => remove(value, currentTarget.closest('ul'))}
          >
            ✕
          </button>
        </li>
      ))}
    </ul>
  );
}
