/** Something that is settled before the page goes on. On phones it is the whole screen. */

import type { ReactNode } from 'react';
import { Dialog as Box } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { Button } from './button.js';

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
  return (
    <ModalOverlay className="veil" isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable={!danger && !keeps}>
      <Modal className={wide ? 'modal wide' : 'modal'}>
        <Box className="dialog" role={danger ? 'alertdialog' : 'dialog'}>
          <header>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <Button kind="quiet" label="Close" onPress={onClose}>
              ✕
            </Button>
          </header>
          <div className="stack content">{children}</div>
          {actions && <footer className="row">{actions}</footer>}
        </Box>
      </Modal>
    </ModalOverlay>
  );
}
