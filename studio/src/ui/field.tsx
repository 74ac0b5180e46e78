/** A line or lines of text with their label, what helps to fill them in, and what is wrong with them. */

import { type KeyboardEvent, useId } from 'react';

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly hint?: string | undefined;
  /** What is wrong, and what to write instead. */
  readonly error?: string | undefined;
  readonly type?: 'text' | 'number' | 'search' | 'date' | 'datetime-local' | 'email';
  readonly placeholder?: string | undefined;
  /** More than one: an area of so many lines. */
  readonly lines?: number;
  /** For what is code. */
  readonly mono?: boolean;
  /** What stands behind a number, such as %. */
  readonly unit?: string;
  readonly isDisabled?: boolean;
  readonly isRequired?: boolean;
  readonly hideLabel?: boolean;
  readonly width?: string;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly step?: number | 'any';
  /** Enter was pressed. */
  readonly onSubmit?: () => void;
  readonly autoFocus?: boolean;
}

export function Field({
  label,
  value,
  onChange,
  hint,
  error,
  type = 'text',
  placeholder,
  lines = 1,
  mono = false,
  unit,
  isDisabled,
  isRequired,
  hideLabel = false,
  width,
  min,
  max,
  step,
  onSubmit,
  autoFocus,
}: FieldProps) {
  const id = useId();
  const told = [hint && `${id}h`, error && `${id}e`].filter(Boolean).join(' ');
  const common = {
    id,
    value,
    placeholder,
    disabled: isDisabled,
    required: isRequired,
    autoFocus,
    autoComplete: 'off',
    spellCheck: false,
    className: mono ? 'input mono' : 'input',
    'aria-invalid': error ? true : undefined,
    'aria-describedby': told || undefined,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Enter' && !event.nativeEvent.isComposing && lines === 1) onSubmit?.();
    },
  };
  return (
    <div className="field" style={width ? { width } : undefined}>
      <label htmlFor={id} className={hideLabel ? 'hidden-label' : undefined}>
        {label}
      </label>
      {lines > 1 ? (
        <textarea {...common} rows={lines} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <div className="with">
          <input {...common} type={type} min={min} max={max} step={step} onChange={(event) => onChange(event.target.value)} />
          {unit && (
            <span className="unit" aria-hidden="true">
              {unit}
            </span>
          )}
        </div>
      )}
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
