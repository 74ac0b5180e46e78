/** What stands around an input: its label above, a hint and what is wrong below. */

import type { ReactNode } from 'react';

export interface Labels {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong, and what to write instead. */
  readonly error?: string | undefined;
  readonly hideLabel?: boolean;
  readonly width?: string;
}

/** What an input says about itself, so that screen readers tell hint and error. */
export const described = (id: string, { hint, error }: Labels) => ({
  'aria-invalid': error ? true : undefined,
  'aria-describedby': [hint && `${id}h`, error && `${id}e`].filter(Boolean).join(' ') || undefined,
});

export function Labelled({
  id,
  label,
  hint,
  error,
  hideLabel = false,
  width,
  children,
}: Labels & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className="field" style={width ? { width } : undefined}>
      <label htmlFor={id} className={hideLabel ? 'hidden-label' : undefined}>
        {label}
      </label>
      {children}
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
