/** What opens below a button or a field, above all else that is drawn. It is where its content is in the page, for keys and screen readers. */

import { type ReactNode, type RefObject, useLayoutEffect, useRef } from 'react';
import { whenSized } from './sized.js';

export interface PopoverProps {
  /** What it belongs to: it stands below it, or above it where there is more room. */
  readonly anchor: RefObject<HTMLElement | null>;
  /** It ends where that ends. */
  readonly end?: boolean;
  /** Something else was pressed. */
  readonly onClose: () => void;
  readonly onShown?: (list: HTMLElement) => void;
  readonly children: ReactNode;
}

const GAP = 8; // pixels from what it belongs to, and from the edges of the page
const ENOUGH = 240; // pixels of height

function put(list: HTMLElement, anchor: HTMLElement, end: boolean): void {
  const { top, bottom, left, right, width } = anchor.getBoundingClientRect();
  const wide = document.documentElement.clientWidth;
  // What a phone's keyboard covers is no room.
  const [first, high] = visualViewport ? [visualViewport.offsetTop, visualViewport.height] : [0, innerHeight];
  const [above, below] = [top - first - 2 * GAP, first + high - bottom - 2 * GAP];
  const isBelow = below >= Math.min(ENOUGH, above);
  const { style } = list;
  style.setProperty('--trigger-width', `${width}px`);
  style.maxHeight = `${Math.max(isBelow ? below : above, 3 * GAP)}px`;
  style.top = isBelow ? `${bottom + GAP}px` : 'auto';
  style.bottom = isBelow ? 'auto' : `${innerHeight - top + GAP}px`;
  const start = end ? right - list.offsetWidth : left;
  style.left = `${Math.max(GAP, Math.min(start, wide - list.offsetWidth - GAP))}px`;
}

export function Popover({ anchor, end = false, onClose, onShown, children }: PopoverProps) {
  const box = useRef<HTMLDivElement>(null);
  const told = useRef({ onClose, onShown });
  told.current = { onClose, onShown };
  useLayoutEffect(() => {
    const [list, at] = [box.current, anchor.current];
    if (!list || !at) return;
    list.showPopover();
    const follow = (): void => put(list, at, end);
    const press = ({ target }: Event): void => {
      if (!list.contains(target as Node) && !at.contains(target as Node)) told.current.onClose();
    };
    follow();
    const unsized = whenSized(list, follow);
    addEventListener('scroll', follow, true);
    addEventListener('resize', follow);
    visualViewport?.addEventListener('resize', follow);
    addEventListener('pointerdown', press, true);
    told.current.onShown?.(list);
    return () => {
      unsized();
      removeEventListener('scroll', follow, true);
      removeEventListener('resize', follow);
      visualViewport?.removeEventListener('resize', follow);
      removeEventListener('pointerdown', press, true);
    };
  }, [anchor, end]);
  return (
    <div ref={box} popover="manual" className="popover">
      {children}
    </div>
  );
}
