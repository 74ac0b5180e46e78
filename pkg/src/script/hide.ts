/** What hides elements until the client is there, so that nobody sees them change: the script's own part, and all of the stub's. */

/** How long they are hidden at most, in milliseconds: by default, and by any script. A client starts with defaults after the latter. */
const DEFAULT = 500;
export const LONGEST = 2_000;

/** Hides what an element's `data-antiflicker` names, for `data-antiflicker-max` milliseconds at most. */
export function hide(script: HTMLScriptElement | null): void {
  if (!script?.dataset.antiflicker) return;
  const { antiflicker, antiflickerMax } = script.dataset;
  const style = document.createElement('style');
  style.dataset.waft = '';
  // A policy that names nonces for scripts names them for styles.
  style.nonce = script.nonce;
  style.textContent = `:is(${antiflicker}),:is(${antiflicker}) *{visibility:hidden!important}`;
  script.after(style);
  const most = Number(antiflickerMax);
  setTimeout(() => style.remove(), most > 0 && most <= LONGEST ? most : DEFAULT);
}
