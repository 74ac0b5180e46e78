/** Arrow keys among things of one kind, of which Tab stops at one: tabs, what a menu has, values that were chosen. */

import type { KeyboardEvent } from 'react';

/**
 * Gives the focus to the one that a key leads to, round and round, and returns it. `keys` lead back and on; Home and End lead to the ends.
 *
 * @example steps(event, '[role=tab]', ['ArrowLeft', 'ArrowRight'])
 */
export function steps(event: KeyboardEvent<HTMLElement>, kind: string, [back, on]: readonly [string, string]): HTMLElement | undefined {
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(`${kind}:not(:disabled)`)];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const places: Readonly<Record<string, number>> = { [back]: at < 0 ? -1 : at - 1, [on]: at + 1, Home: 0, End: -1 };
  const place = places[event.key];
  const next = place === undefined ? undefined : all.at(place % all.length);
  if (!next) return undefined;
  event.preventDefault();
  next.focus();
  return next;
}
