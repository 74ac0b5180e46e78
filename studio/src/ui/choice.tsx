/** One of two to five, all in view. */

import { Label } from 'react-aria-components/Label';
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import { type Option, optionOf } from './select.js';

export interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly options: readonly Option[];
  readonly hideLabel?: boolean;
}

export function Choice({ label, value, onChange, options, hideLabel = false }: ChoiceProps) {
  return (
    <RadioGroup className="field choice" value={value} onChange={onChange} orientation="horizontal">
      <Label className={hideLabel ? 'hidden-label' : 'label'}>{label}</Label>
      <div className="options">
        {options.map(optionOf).map((option) => (
          <Radio key={option.value} value={option.value} isDisabled={option.disabled} className="option">
            {option.name}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
