/** What lies over the page until it is settled: the browser's own dialog, which keeps the focus in it and gives it back. */

import { type KeyboardEvent, type ReactNode, type SyntheticEvent, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { isComposing, isCovered, keepFocus } from './focus.js';
import { Toasts } from './toast.js';

export interface ModalProps {
  readonly onClose: () => void;
  /** A click beside it closes it. */
  readonly isDismissable: boolean;
  readonly role?: 'dialog' | 'alertdialog';
  readonly className?: string;
  readonly wide?: boolean;
  readonly 'aria-label'?: string;
  readonly 'aria-labelledby'?: string;
  readonly 'aria-describedby'?: string | undefined;
  readonly children: ReactNode;
}

/** What has the focus first: `data-first`, or else the dialog, whose name is read then. */
const first = (dialog: HTMLElement): HTMLElement | null => dialog.querySelector('[data-first]') ?? dialog.querySelector('.dialog');

/** The page behind a dialog stays where it is: it does not scroll, nor move aside where its scroll bar was. */
function keepPage(): void {
  const root = document.documentElement;
  const isBehind = isCovered();
  root.style.scrollbarGutter = isBehind && innerWidth > root.clientWidth ? 'stable' : '';
  root.style.overflow = isBehind ? 'hidden' : '';
}

export function Modal({ onClose, isDismissable, role = 'dialog', className = '', wide = false, children, ...named }: ModalProps) {
  const box = useRef<HTMLDialogElement>(null);
  const isGone = useRef(false);
  const pressed = useRef<EventTarget>(null);
  useLayoutEffect(() => {
    const dialog = box.current;
    const opener = document.activeElement;
    isGone.current = false;
    dialog?.showModal();
    keepPage();
    if (dialog) first(dialog)?.focus();
    return () => {
      isGone.current = true;
      dialog?.close();
      keepPage();
      // What opened it may be what was taken away in it.
      if (opener !== document.body) keepFocus();
    };
  }, []);
  const leave = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented || isComposing(event)) return;
    event.preventDefault();
    onClose();
  };
  // A phone's way back. A file that was not chosen after all says `cancel`, too.
  const cancel = (event: SyntheticEvent): void => {
    if (event.target !== event.currentTarget) return;
    event.preventDefault();
    onClose();
  };
  return createPortal(
    <dialog
      ref={box}
      role={role}
      className="veil"
      {...named}
      onKeyDown={leave}
      onCancel={cancel}
      onClose={({ target, currentTarget }) => target === currentTarget && !isGone.current && onClose()}
      onPointerDown={({ target }) => {
        pressed.current = target;
      }}
      // Text that is selected to beyond its edge is no click beside it.
      onClick={({ target }) => isDismissable && target === box.current && pressed.current === target && onClose()}
    >
      <div className={wide ? 'modal wide' : 'modal'}>
        <div className={`dialog ${className}`} tabIndex={-1}>
          {children}
        </div>
      </div>
      <Toasts />
    </dialog>,
    document.body,
  );
}
