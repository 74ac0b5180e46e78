/** Inputs that show what is so, and not what was asked for: a change may be refused. */

import { useReducer } from 'react';

/**
 * Makes of what is told of a change one that draws the input again after it, as it is then. React does so by itself; Preact leaves an input as
 * somebody left it until it is drawn for another reason.
 *
 * @example const change = useAsIs(onChange);
 */
export function useAsIs<T>(tell: (value: T) => void): (value: T) => void {
  const [, draw] = useReducer((times: number) => times + 1, 0);
  return (value) => {
    tell(value);
    draw();
  };
}
