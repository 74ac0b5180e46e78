/** One of two to five, all in view. */

import { useId } from 'react';
import { useAsIs } from './as-is.js';
import { type Option, optionOf } from './select.js';

export interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly options: readonly Option[];
  readonly hideLabel?: boolean;
}

export function Choice({ label, value, onChange, options, hideLabel = false }: ChoiceProps) {
  const id = useId();
  const change = useAsIs(onChange);
  return (
    <div className="field choice" role="radiogroup" aria-labelledby={id}>
      <span id={id} className={hideLabel ? 'hidden-label' : 'label'}>
        {label}
      </span>
      <div className="options">
        {options.map(optionOf).map((option) => (
          <label key={option.value} className="option">
            <input
              type="radio"
              name={id}
              value={option.value}
              checked={option.value === value}
              disabled={option.disabled}
              onChange={() => change(option.value)}
            />
            {option.name}
          </label>
        ))}
      </div>
    </div>
  );
}
