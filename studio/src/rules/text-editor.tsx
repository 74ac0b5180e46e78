/** The text of a file of the rules, with what the compiler found marked in place. Loaded when somebody opens it. */

import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { Compartment } from '@codemirror/state';
import { EditorView, highlightActiveLine, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { minimalSetup } from 'codemirror';
import { useEffect, useRef } from 'react';

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
  /** Is told what was typed, once somebody pauses. */
  readonly onChange: (text: string) => void;
  /** The part to begin with: it is scrolled to, and selected lines are marked. From 1. */
  readonly line?: number | undefined;
  readonly height?: string;
}

const PAUSE = 300; // milliseconds

const LOOK = EditorView.theme({
  '&': {
    backgroundColor: 'var(--well)',
    color: 'var(--ink)',
    fontSize: 'var(--t-s)',
    borderRadius: 'var(--r)',
    border: '1px solid var(--line)',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--soft)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--accent-fill)' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in oklab, var(--accent), transparent 70%)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--sheet)', color: 'var(--ink)', border: '1px solid var(--line-strong)' },
  '.cm-panels': { backgroundColor: 'var(--sheet)', color: 'var(--ink)' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--sheet)', color: 'var(--soft)', border: '1px solid var(--line)' },
});
const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.keyword, tags.number, tags.bool, tags.content], color: 'var(--ink)' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

export default function TextEditor({ label, file, text, findings, onChange, line, height = '24rem' }: TextEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef({ onChange, text });
  latest.current.onChange = onChange;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const named = useRef(new Compartment());

  useEffect(() => {
    const { current: parent } = host;
    if (!parent) return;
    const settle = (): void => {
      clearTimeout(timer.current);
      timer.current = undefined;
      // The editor has line feeds alone; the file keeps its line ends.
      const typed = own.state.doc.toString();
      const now = latest.current.text.includes('\r\n') ? typed.replaceAll('\n', '\r\n') : typed;
      if (now !== latest.current.text) latest.current.onChange(now);
    };
    const own = new EditorView({
      parent,
      doc: latest.current.text,
      extensions: [
        // Search, folding and completion would take as many bytes again.
        minimalSetup,
        lineNumbers(),
        highlightActiveLine(),
        bracketMatching(),
        yaml(),
        lintGutter(),
        LOOK,
        syntaxHighlighting(COLOURS),
        named.current.of([]),
        EditorView.lineWrapping,
        EditorView.updateListener.of((update) => {
          if (!update.docChanged || update.transactions.every((one) => one.isUserEvent('take'))) return;
          clearTimeout(timer.current);
          timer.current = setTimeout(settle, PAUSE);
        }),
        EditorView.domEventHandlers({ blur: () => void (timer.current !== undefined && settle()) }),
      ],
    });
    view.current = own;
    return () => {
      if (timer.current !== undefined) settle();
      own.destroy();
      view.current = undefined;
    };
  }, []);

  // Whose text it is, for those who do not see it.
  useEffect(() => {
    view.current?.dispatch({ effects: named.current.reconfigure(EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })) });
  }, [label]);

  // What was changed elsewhere is taken over, and only where it differs: the cursor stays where it is. Line ends are the editor's own.
  useEffect(() => {
    latest.current.text = text;
    const own = view.current;
    if (!own || timer.current !== undefined) return;
    const [before, after] = [own.state.doc.toString(), text.replaceAll('\r\n', '\n')];
    if (before === after) return;
    let from = 0;
    while (from < before.length && before[from] === after[from]) from++;
    let end = 0;
    while (end < Math.min(before.length, after.length) - from && before.at(-1 - end) === after.at(-1 - end)) end++;
    own.dispatch({ changes: { from, to: before.length - end, insert: after.slice(from, after.length - end) }, userEvent: 'take' });
  }, [text]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another text has its marks elsewhere
  useEffect(() => {
    const own = view.current;
    if (!own) return;
    const { doc } = own.state;
    const marks = findings
      .filter((finding) => finding.file === file && finding.line <= doc.lines)
      .map((finding): Diagnostic => {
        const at = doc.line(Math.max(1, finding.line));
        const from = Math.min(at.to, at.from + Math.max(0, finding.column - 1));
        const [word = ''] = /^[^\s,\]}]*/.exec(doc.sliceString(from, at.to)) ?? [];
        const message = finding.remedy ? `${finding.message}: ${finding.remedy}` : finding.message;
        return { from, to: Math.min(at.to, from + Math.max(1, word.length)), severity: finding.severity, message, source: finding.code };
      });
    own.dispatch(setDiagnostics(own.state, marks));
  }, [findings, file, text]);

  useEffect(() => {
    const own = view.current;
    if (!own || line === undefined || line > own.state.doc.lines) return;
    const { from } = own.state.doc.line(line);
    own.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'start', yMargin: 24 }) });
  }, [line]);

  return <div className="text-editor" ref={host} style={{ '--editor-height': height } as React.CSSProperties} />;
}
