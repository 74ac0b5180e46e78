/** What somebody types, which counts once they pause, leave the field, or press Enter. */

import { useEffect, useRef, useState } from 'react';

/** How long a pause is, in milliseconds. */
const PAUSE = 500;

export interface Typed {
  readonly text: string;
  type(text: string): void;
  /** It counts now. */
  settle(): void;
}

/** `written` says how a text is written as a value: what is written as the value is, such as 1.0 for 1, stays as somebody types it. */
export function useTyped(value: string, commit: (text: string) => void, written = (text: string): string => text): Typed {
  const [text, setText] = useState(value);
  const latest = useRef({ text: value, value, commit, written });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  latest.current.commit = commit;
  latest.current.written = written;
  // What was changed elsewhere, as by undo, is shown. What is being typed stays.
  useEffect(() => {
    latest.current.value = value;
    if (timer.current === undefined && latest.current.written(latest.current.text) !== value) {
      latest.current.text = value;
      setText(value);
    }
  }, [value]);
  const settle = (): void => {
    clearTimeout(timer.current);
    timer.current = undefined;
    const { text: now, value: before, commit: give } = latest.current;
    if (now !== before) give(now);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    text,
    type(next) {
      latest.current.text = next;
      setText(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(settle, PAUSE);
    },
    settle,
  };
}
