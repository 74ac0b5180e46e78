/** Something that is settled before the page goes on. On phones it is the whole screen. */

import { type ReactNode, useId } from 'react';
import { Button } from './button.js';
import { Modal } from './modal.js';

export interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Its buttons: the one that does it comes last. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
  /** It takes something away: a click beside it does not close it. */
  readonly danger?: boolean;
  /** Something is filled in: a click beside it does not throw that away. */
  readonly keeps?: boolean;
}

export function Dialog({ title, isOpen, onClose, children, actions, wide = false, danger = false, keeps = false }: DialogProps) {
  const id = useId();
  if (!isOpen) return null;
  return (
    <Modal
      role={danger ? 'alertdialog' : 'dialog'}
      aria-labelledby={id}
      aria-describedby={danger ? `${id}d` : undefined}
      wide={wide}
      onClose={onClose}
      isDismissable={!danger && !keeps}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <Button kind="quiet" label="Close" onPress={onClose}>
          ✕
        </Button>
      </header>
      <div id={`${id}d`} className="stack content">
        {children}
      </div>
      {actions && <footer className="row">{actions}</footer>}
    </Modal>
  );
}
