/**
 * The text of a file of the rules, with what the compiler found marked in place: a text area, behind which the same text stands in colours. So all that
 * browsers do for texts is there, also on phones and for screen readers; an editor of its own was a tenth of the studio's bytes.
 */

import { memo, type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { coloured } from './colours.js';
import { differing, own } from './typing.js';
import './text-editor.css';

/** An error or a warning of the rules, where it is: lines and columns from 1. */
export interface Marked {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy?: string;
}

export interface TextEditorProps {
  readonly label: string;
  readonly file: string;
  readonly text: string;
  readonly findings: readonly Marked[];
  /** Is told what was typed, and into what, once somebody pauses. Returns what the file is then: somebody else may have changed it. */
  readonly onChange: (typed: string, before: string) => string;
  /** The part to begin with: it is scrolled to, and selected lines are marked. From 1. */
  readonly line?: number | undefined;
  readonly height?: string;
}

const PAUSE = 300; // milliseconds
/** What stays above the line that is scrolled to, in pixels. */
const ABOVE = 24;

const message = ({ message, remedy }: Marked): string => (remedy ? `${message}: ${remedy}` : message);

export default function TextEditor({ label, file, text, findings, onChange, line, height = '24rem' }: TextEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLDivElement>(null);
  /** What is in the text area, also once that is gone; and into what it was typed. */
  const written = useRef(own(text));
  const before = useRef(written.current);
  const latest = useRef(onChange);
  latest.current = onChange;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [shown, setShown] = useState(written.current);
  const [active, setActive] = useState(line ?? 0);
  const told = useId();

  const settle = (): void => {
    clearTimeout(timer.current);
    timer.current = undefined;
    const [now, was] = [written.current, before.current];
    if (now !== was) take(latest.current(now, was));
  };
  const leaving = useRef(settle);
  leaving.current = settle;
  // What was typed a moment ago counts, too.
  useEffect(() => () => void (timer.current !== undefined && leaving.current()), []);

  const typed = (): void => {
    written.current = area.current?.value ?? '';
    setShown(written.current);
    clearTimeout(timer.current);
    timer.current = setTimeout(settle, PAUSE);
  };

  /** Takes over what was changed elsewhere, and only where it differs: the cursor stays where it is. */
  const take = (text: string): void => {
    const after = own(text);
    before.current = after;
    if (written.current === after) return;
    const [from, end] = differing(written.current, after);
    area.current?.setRangeText(after.slice(from, after.length - end), from, written.current.length - end, 'preserve');
    written.current = after;
    setShown(after);
  };
  const taking = useRef(take);
  taking.current = take;
  useEffect(() => {
    // While somebody types, what was typed is put into it.
    if (timer.current === undefined) taking.current(text);
  }, [text]);

  const scrolled = (): void => {
    if (area.current && behind.current) behind.current.scrollTop = area.current.scrollTop;
  };

  // Once: a line that is typed above it moves it, and not whoever types.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is where to begin
  useEffect(() => {
    const [it, at] = [area.current, behind.current?.children[(line ?? 0) - 1] as HTMLElement | undefined];
    if (!it || !at || line === undefined) return;
    const from = it.value.split('\n', line - 1).reduce((sum, { length }) => sum + length + 1, 0);
    it.setSelectionRange(from, from);
    it.scrollTop = at.offsetTop - ABOVE;
    setActive(line);
  }, []);

  const lines = useMemo(() => shown.split('\n'), [shown]);
  const marks = useMemo(() => {
    const found = new Map<number, Marked[]>();
    for (const finding of findings) if (finding.file === file) found.set(finding.line, [...(found.get(finding.line) ?? []), finding]);
    return found;
  }, [findings, file]);
  const marked = [...marks.values()].flat();

  return (
    <div
      className="text-editor"
      style={{ '--editor-height': height, '--digits': `${String(lines.length).length}ch` } as React.CSSProperties}
    >
      <div className="text-behind" ref={behind} aria-hidden="true">
        {lines.map((text, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its number
          <Line key={at} text={text} number={at + 1} isActive={at + 1 === active} marks={marks.get(at + 1) ?? NONE} />
        ))}
      </div>
      <textarea
        ref={area}
        aria-label={label}
        aria-describedby={marked.length > 0 ? told : undefined}
        aria-invalid={marked.some(({ severity }) => severity === 'error')}
        defaultValue={shown}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        autoCorrect="off"
        onChange={typed}
        onBlur={() => timer.current !== undefined && settle()}
        onScroll={scrolled}
        onSelect={({ currentTarget: it }) => setActive(it.value.slice(0, it.selectionStart).split('\n').length)}
        onKeyDown={indented}
      />
      <p id={told} hidden>
        {marked.map((mark) => `Line ${mark.line}: ${message(mark)}.`).join(' ')}
      </p>
    </div>
  );
}

const NONE: readonly Marked[] = [];

/** A new line begins where the one before does. */
function indented(event: KeyboardEvent<HTMLTextAreaElement>): void {
  const { currentTarget: it, key, nativeEvent } = event;
  if (key !== 'Enter' || event.ctrlKey || event.metaKey || event.altKey || nativeEvent.isComposing) return;
  const before = it.value.slice(it.value.lastIndexOf('\n', it.selectionStart - 1) + 1, it.selectionStart);
  const [indent = ''] = /^ */.exec(before) ?? [];
  if (indent === '') return;
  event.preventDefault();
  // As if it were typed, so that it can be undone: there is no newer way.
  document.execCommand('insertText', false, `\n${indent}`);
}

interface LineProps {
  readonly text: string;
  readonly number: number;
  readonly isActive: boolean;
  readonly marks: readonly Marked[];
}

const Line = memo(function Line({ text, number, isActive, marks }: LineProps) {
  const severity = marks.some(({ severity }) => severity === 'error') ? 'error' : marks.length > 0 ? 'warning' : undefined;
  const spans = marks.map(({ column, severity }) => {
    const from = Math.min(text.length, Math.max(0, column - 1));
    const [word = ''] = /^[^\s,\]}]*/.exec(text.slice(from)) ?? [];
    return { from, to: from + Math.max(1, word.length), severity };
  });
  return (
    <div className="text-line" data-active={isActive || undefined} data-finding={severity}>
      <span className="text-number" title={marks.map((mark) => `${mark.code}: ${message(mark)}`).join('\n') || undefined}>
        {number}
      </span>
      <code>
        {coloured(text, spans).map(({ text, kind, mark }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of a line have no other name
          <span key={at} data-kind={kind} data-mark={mark}>
            {text}
          </span>
        ))}
      </code>
    </div>
  );
});
