/** One of some values. The browser's own list, which phones show their own way and which costs no bytes. */

import { useId } from 'react';
import { useAsIs } from './as-is.js';
import { described, Labelled, type Labels } from './labelled.js';

export type Option = string | { readonly value: string; readonly name?: string; readonly disabled?: boolean };

export interface SelectProps extends Labels {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly options: readonly Option[];
  readonly isDisabled?: boolean;
}

export const optionOf = (option: Option): { value: string; name: string; disabled: boolean } =>
  typeof option === 'string'
    ? { value: option, name: option, disabled: false }
    : { value: option.value, name: option.name ?? option.value, disabled: option.disabled ?? false };

export function Select(props: SelectProps) {
  const { value, onChange, options, isDisabled } = props;
  const id = useId();
  const change = useAsIs(onChange);
  const shown = options.map(optionOf);
  // What is not in the list is shown, too: nothing is changed by looking at it.
  if (!shown.some((option) => option.value === value)) shown.unshift({ value, name: value || 'Choose …', disabled: value === '' });
  return (
    <Labelled id={id} {...props}>
      <select id={id} value={value} disabled={isDisabled} {...described(id, props)} onChange={(event) => change(event.target.value)}>
        {shown.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.name}
          </option>
        ))}
      </select>
    </Labelled>
  );
}
