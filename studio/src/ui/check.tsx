/** What is so or not so: a check for a choice in a form, a switch for what takes effect at once. */

import type { ReactNode } from 'react';
import { useAsIs } from './as-is.js';

export interface CheckProps {
  readonly label: ReactNode;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
  readonly isDisabled?: boolean;
  readonly hint?: string;
}

export const Check = (props: CheckProps) => <Ticked {...props} look="box" />;

export const Switch = (props: CheckProps) => <Ticked {...props} look="track" role="switch" />;

function Ticked({
  label,
  value,
  onChange,
  isDisabled = false,
  hint,
  look,
  role,
}: CheckProps & { readonly look: string; readonly role?: 'switch' }) {
  const change = useAsIs(onChange);
  return (
    <label className="check">
      <input
        type="checkbox"
        role={role}
        className={look}
        checked={value}
        disabled={isDisabled}
        onChange={(event) => change(event.target.checked)}
      />
      <span>
        {label}
        {hint && (
          <>
            <br />
            <small className="soft">{hint}</small>
          </>
        )}
      </span>
    </label>
  );
}
