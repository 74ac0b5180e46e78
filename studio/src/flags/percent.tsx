/** A share as it is typed: it counts once it is left, or after a pause. */

import { useTyped } from '../audiences/typed.js';
import { Field } from '../ui/field.js';
import { share } from './written.js';

interface PercentProps {
  readonly label: string;
  readonly width: string;
  /** A fraction; undefined where something else is written. */
  readonly value: number | undefined;
  readonly hint?: string;
  readonly error?: string | undefined;
  /** `12.5%` */
  readonly onChange: (percent: string) => void;
}

const plain = (typed: string): string => (typed.trim() === '' ? '' : String(Number(typed)));

export function Percent({ label, width, value, hint, error, onChange }: PercentProps) {
  const isShare = (typed: string): boolean => share(`${plain(typed)}%`) !== undefined;
  const typed = useTyped(
    value === undefined ? '' : String(Number((value * 100).toFixed(4))),
    (now) => isShare(now) && onChange(`${plain(now)}%`),
    plain,
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what was typed counts when the field is left
    <span onBlur={typed.settle}>
      <Field
        label={label}
        type="number"
        unit="%"
        min={0}
        max={100}
        step="any"
        width={width}
        hint={hint}
        error={isShare(typed.text) ? error : 'Between 0 and 100'}
        value={typed.text}
        onChange={typed.type}
        onSubmit={typed.settle}
      />
    </span>
  );
}
