/** From when and until when something holds, as fields of dates in UTC. */

import type { Value } from '../rules/rules.js';
import { Field } from '../ui/field.js';
import { inputOf } from './written.js';

export function Period({
  of: { from, to },
  onChange,
}: {
  readonly of: { readonly from?: Value; readonly to?: Value };
  /** Which of the two, and what the field says; empty for none. */
  readonly onChange: (name: 'from' | 'to', next: string) => void;
}) {
  return (
    <>
      <Field label="Starts (UTC)" type="datetime-local" width="13rem" value={inputOf(from)} onChange={(next) => onChange('from', next)} />
      <Field label="Ends before (UTC)" type="datetime-local" width="13rem" value={inputOf(to)} onChange={(next) => onChange('to', next)} />
    </>
  );
}
