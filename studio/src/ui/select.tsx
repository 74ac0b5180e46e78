/** One of some values. The browser's own list, which phones show their own way and which costs no bytes. */

import { useId } from 'react';

export type Option = string | { readonly value: string; readonly name?: string; readonly disabled?: boolean };

export interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly options: readonly Option[];
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly hideLabel?: boolean;
  readonly isDisabled?: boolean;
  readonly width?: string;
}

export const optionOf = (option: Option): { value: string; name: string; disabled: boolean } =>
  typeof option === 'string'
    ? { value: option, name: option, disabled: false }
    : { value: option.value, name: option.name ?? option.value, disabled: option.disabled ?? false };

export function Select({ label, value, onChange, options, hint, error, hideLabel = false, isDisabled, width }: SelectProps) {
  const id = useId();
  const told = [hint && `${id}h`, error && `${id}e`].filter(Boolean).join(' ');
  const shown = options.map(optionOf);
  // What is not in the list is shown, too: nothing is changed by looking at it.
  if (!shown.some((option) => option.value === value)) shown.unshift({ value, name: value || 'Choose …', disabled: value === '' });
  return (
    <div className="field" style={width ? { width } : undefined}>
      <label htmlFor={id} className={hideLabel ? 'hidden-label' : undefined}>
        {label}
      </label>
      <select
        id={id}
        value={value}
        disabled={isDisabled}
        aria-invalid={error ? true : undefined}
        aria-describedby={told || undefined}
        onChange={(event) => onChange(event.target.value)}
      >
        {shown.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.name}
          </option>
        ))}
      </select>
      {hint && (
        <span className="hint" id={`${id}h`}>
          {hint}
        </span>
      )}
      {error && (
        <span className="wrong" id={`${id}e`}>
          {error}
        </span>
      )}
    </div>
  );
}
