/** A line or lines of text with their label, what helps to fill them in, and what is wrong with them. */

import { type KeyboardEvent, useId } from 'react';
import { isComposing } from './focus.js';
import { described, Labelled, type Labels } from './labelled.js';

export interface FieldProps extends Labels {
  readonly value: string;
  readonly onChange: (text: string) => void;
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
  readonly min?: number | string;
  readonly max?: number | string;
  readonly step?: number | 'any';
  /** Enter was pressed. */
  readonly onSubmit?: () => void;
  /** It has the focus when the dialog opens that it is in. */
  readonly autoFocus?: boolean;
}

export function Field(props: FieldProps) {
  const { value, onChange, type = 'text', placeholder, lines = 1, mono = false, unit, min, max, step, onSubmit } = props;
  const id = useId();
  const common = {
    id,
    value,
    placeholder,
    disabled: props.isDisabled,
    required: props.isRequired,
    'data-first': props.autoFocus || undefined,
    autoComplete: 'off',
    spellCheck: false,
    className: mono ? 'input mono' : 'input',
    ...described(id, props),
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || isComposing(event) || !onSubmit) return;
    // The dialog that it closes gives the focus back to a button, which the same key would press.
    event.preventDefault();
    onSubmit();
  };
  return (
    <Labelled id={id} {...props}>
      {lines > 1 ? (
        <textarea {...common} rows={lines} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <div className="with">
          <input {...common} {...{ type, min, max, step }} onChange={(event) => onChange(event.target.value)} onKeyDown={press} />
          {unit && (
            <span className="unit" aria-hidden="true">
              {unit}
            </span>
          )}
        </div>
      )}
    </Labelled>
  );
}
