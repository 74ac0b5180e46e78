/** What else can be done with a part of a condition. */

import type { Condition } from '../rules/condition.js';
import { Menu } from '../ui/menu.js';

export interface PartMenuProps {
  readonly part: Condition;
  readonly negated: boolean;
  readonly first: boolean;
  readonly last: boolean;
  readonly name: string;
  /** In the place of the part, and of the `not` around it. */
  readonly onChange: (part: Condition) => void;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}

export function PartMenu({ part, negated, first, last, name, onChange, onMove, onRemove }: PartMenuProps) {
  const whole: Condition = negated ? { kind: 'not', part } : part;
  const [only] = part.kind === 'all' || part.kind === 'any' ? part.parts : [];
  return (
    <Menu
      small
      label={`More for condition ${name}`}
      items={[
        negated
          ? { key: 'positive', name: 'Remove the “not”', run: () => onChange(part) }
          : { key: 'not', name: 'Negate: not this', run: () => onChange({ kind: 'not', part }) },
        { key: 'all', name: 'Put into a group of all', run: () => onChange({ kind: 'all', parts: [whole] }) },
        { key: 'any', name: 'Put into a group of any', run: () => onChange({ kind: 'any', parts: [whole] }) },
        ...(only && !negated && (part.kind === 'all' || part.kind === 'any') && part.parts.length === 1
          ? [{ key: 'only', name: 'Take out of its group', run: () => onChange(only) }]
          : []),
        { key: 'up', name: 'Move up', disabled: first, run: () => onMove(-1) },
        { key: 'down', name: 'Move down', disabled: last, run: () => onMove(1) },
        { key: 'remove', name: 'Remove', danger: true, run: onRemove },
      ]}
    />
  );
}
