/** Where the focus is, for keys. */

import type { KeyboardEvent } from 'react';

/** A dialog lies over the page. */
export const isCovered = (): boolean => document.querySelector('dialog:modal') !== null;

/** Somebody types there, and keys are the field's own. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable=true]') !== null;

/** What had the focus may be gone by now: whoever goes on by keys does so in the dialog, or in the place, and not at the top of the page. */
export function keepFocus(): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body) return;
    const dialogs = document.querySelectorAll<HTMLElement>('dialog:modal .dialog');
    ([...dialogs].at(-1) ?? document.querySelector('main'))?.focus({ preventScroll: true });
  });
}

/** The key is the input method's, which makes a word of several. In Safari, the one that ends a word says so by its code alone. */
export const isComposing = ({ nativeEvent }: KeyboardEvent): boolean => nativeEvent.isComposing || nativeEvent.keyCode === 229;

/** What is being typed counts as if its field were left: by a reload, or the way back, which move no focus, it would be lost. */
export function leaveField(): void {
  const { activeElement: it } = document;
  if (!(it instanceof HTMLElement) || !isTyping(it) || it.matches('select')) return;
  it.blur();
  keepFocus();
}
