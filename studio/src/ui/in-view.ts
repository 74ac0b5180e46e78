/** Which of many rows are drawn: those in view of what scrolls them, and some around them. Rows may be of any height, and are measured once drawn. */

import { type RefObject, useLayoutEffect, useReducer, useRef, useState } from 'react';
import { whenSized } from './sized.js';

export interface InView {
  /** Where each row that is drawn stands, in pixels. */
  readonly drawn: readonly { readonly index: number; readonly start: number }[];
  /** Of all rows, drawn or not. */
  readonly height: number;
  /** Told of each row that is drawn. */
  measure(element: HTMLElement | null): void;
  /** Brings a row that is not drawn into view. */
  show(index: number): void;
}

const HEIGHT = 34; // pixels, before a row is measured
const AROUND = 12 * HEIGHT; // drawn above and below what is in view

/** The row at `kept` is drawn wherever it is: it has the focus, which would be lost with it. */
export function useInView(count: number, isOn: boolean, scroller: RefObject<HTMLElement | null>, kept: number | undefined): InView {
  const [{ top, high }, setView] = useState({ top: 0, high: 600 });
  const [, drawAgain] = useReducer((times: number) => times + 1, 0);
  const heights = useRef(new Map<number, number>()).current;
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!isOn || !box) return;
    const look = (): void => setView({ top: box.scrollTop, high: box.clientHeight });
    const unsized = whenSized(box, () => {
      // In another width, rows are of other heights.
      heights.clear();
      look();
    });
    box.addEventListener('scroll', look, { passive: true });
    return () => {
      unsized();
      box.removeEventListener('scroll', look);
    };
  }, [isOn, scroller, heights]);

  const drawn: { index: number; start: number }[] = [];
  let height = 0;
  for (let index = 0; isOn && index < count; index++) {
    const own = heights.get(index) ?? HEIGHT;
    if (index === kept || (height + own > top - AROUND && height < top + high + AROUND)) drawn.push({ index, start: height });
    height += own;
  }
  return {
    drawn,
    height,
    measure(element) {
      const index = Number(element?.dataset.index);
      const now = element?.getBoundingClientRect().height ?? 0;
      if (!isOn || now === 0 || heights.get(index) === now) return;
      heights.set(index, now);
      drawAgain();
    },
    show(index) {
      const box = scroller.current;
      if (!box || drawn.some((row) => row.index === index)) return;
      let start = 0;
      for (let at = 0; at < index; at++) start += heights.get(at) ?? HEIGHT;
      box.scrollTop = start - box.clientHeight / 2;
    },
  };
}
