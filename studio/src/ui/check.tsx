/** What is so or not so: a check for a choice in a form, a switch for what takes effect at once. */

import type { ReactNode } from 'react';
import { Checkbox } from 'react-aria-components/Checkbox';
import { Switch as Toggle } from 'react-aria-components/Switch';

export interface CheckProps {
  readonly label: ReactNode;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
  readonly isDisabled?: boolean;
  readonly hint?: string;
}

export function Check({ label, value, onChange, isDisabled = false, hint }: CheckProps) {
  return (
    <Checkbox className="check" isSelected={value} onChange={onChange} isDisabled={isDisabled}>
      <span className="box" aria-hidden="true">
        {value ? '✓' : ''}
      </span>
      <Words label={label} hint={hint} />
    </Checkbox>
  );
}

export function Switch({ label, value, onChange, isDisabled = false, hint }: CheckProps) {
  return (
    <Toggle className="check" isSelected={value} onChange={onChange} isDisabled={isDisabled}>
      <span className="track" aria-hidden="true" />
      <Words label={label} hint={hint} />
    </Toggle>
  );
}

function Words({ label, hint }: { readonly label: ReactNode; readonly hint: string | undefined }) {
  return (
    <span>
      {label}
      {hint && (
        <>
          <br />
          <small className="soft">{hint}</small>
        </>
      )}
    </span>
  );
}
