/** Text with completion: what is written counts, in the list or not. Options may come later, by what was typed. */

import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { isComposing } from './focus.js';
import { described, Labelled, type Labels } from './labelled.js';
import { counted } from './numbers.js';
import { Popover } from './popover.js';
import { say } from './toast.js';

export interface ComboBoxProps extends Labels {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly options: readonly Option[];
  /** Told what was typed, for options that are looked up. They are shown as they come: without it, those that contain the text are. */
  readonly onSearch?: (prefix: string) => void;
  readonly isLoading?: boolean;
  readonly placeholder?: string;
  readonly isDisabled?: boolean;
}

interface Option {
  readonly value: string;
  readonly hint?: string;
}

/** The list: whether it is open, which of its options are shown, and which of them the arrow keys have come to. */
function useList({ value, onChange, options, onSearch, isLoading = false }: ComboBoxProps) {
  const [isOpen, setOpen] = useState(false);
  const [isTyped, setTyped] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const isNarrowed = isTyped && !onSearch;
  const shown = isNarrowed ? options.filter((option) => option.value.toLowerCase().includes(value.toLowerCase())) : options;
  // The option itself, and not its place: what comes meanwhile moves no other one there.
  const at = shown.findIndex((option) => option.value === chosen);
  const setAt = (place: number): void => setChosen(shown[place]?.value);
  const close = (): void => setOpen(false);
  // Whoever opens it wants to see what there is, and not what begins as the value that is to be another.
  const open = (first = -1): void => {
    if (isOpen) return;
    setOpen(true);
    setTyped(false);
    setAt(first);
    onSearch?.('');
  };
  const type = (text: string): void => {
    setOpen(true);
    setTyped(true);
    setAt(-1);
    if (text === value) return;
    onChange(text);
    onSearch?.(text);
  };
  const choose = (text: string): void => {
    if (text !== value) {
      onChange(text);
      onSearch?.(text);
    }
    close();
  };
  const many = shown.length;
  useEffect(() => {
    if (isOpen && !isLoading) say(counted(many, 'value'));
  }, [isOpen, isLoading, many]);
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const option = isOpen ? shown[at] : undefined;
    if (step !== undefined) {
      if (!isOpen) open(step > 0 ? 0 : many - 1);
      else if (many > 0) setAt(at < 0 && step < 0 ? many - 1 : (at + step + many) % many);
    } else if (event.key === 'Enter' && option) choose(option.value);
    else if (event.key === 'Escape' && isOpen) close();
    else {
      // Enter without an option means what was typed.
      if (event.key === 'Enter') close();
      return;
    }
    // A form is not sent by it, nor a dialog closed.
    event.preventDefault();
    event.stopPropagation();
  };
  return { isOpen, shown, at, open, close, type, choose, press };
}

export function ComboBox(props: ComboBoxProps) {
  const { label, value, isLoading = false, placeholder, isDisabled = false } = props;
  const id = useId();
  const anchor = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const isAway = useRef(false);
  const list = useList(props);
  const { isOpen, shown, at } = list;
  const toggle = (): void => {
    input.current?.focus();
    if (isOpen) list.close();
    else list.open();
  };
  return (
    <Labelled id={id} {...props}>
      <div className="with" ref={anchor}>
        <input
          ref={input}
          id={id}
          className="input"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={isOpen ? `${id}l` : undefined}
          aria-activedescendant={isOpen && shown[at] ? `${id}-${at}` : undefined}
          {...described(id, props)}
          {...{ value, placeholder }}
          disabled={isDisabled}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => list.type(event.target.value)}
          // Whoever comes back from a dialog, or from another window, asks for no list.
          onFocus={() => isAway.current || list.open()}
          onClick={() => list.open()}
          onBlur={({ target, relatedTarget: to }) => {
            isAway.current = document.activeElement === target || (to?.closest('dialog') ?? null) !== target.closest('dialog');
            list.close();
          }}
          onKeyDown={list.press}
        />
        {/* The arrow keys open it, too: Tab goes on. */}
        <button
          type="button"
          className="button quiet small"
          tabIndex={-1}
          aria-label={`Values of ${label}`}
          disabled={isDisabled}
          onMouseDown={(event) => event.preventDefault()}
          onClick={toggle}
        >
          <span aria-hidden="true">▾</span>
        </button>
      </div>
      {isOpen && (
        <Popover anchor={anchor} onClose={list.close}>
          <Options {...{ id, label, shown, at, isLoading }} onChoose={list.choose} />
        </Popover>
      )}
    </Labelled>
  );
}

interface OptionsProps {
  readonly id: string;
  readonly label: string;
  readonly shown: readonly Option[];
  readonly at: number;
  readonly isLoading: boolean;
  readonly onChoose: (value: string) => void;
}

function Options({ id, label, shown, at, isLoading, onChoose }: OptionsProps) {
  useEffect(() => void document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' }), [id, at]);
  if (shown.length === 0) {
    return (
      <p className="nothing" id={`${id}l`}>
        {isLoading ? 'Looking up …' : 'No value like this. What you typed is kept.'}
      </p>
    );
  }
  return (
    <div className="list" role="listbox" id={`${id}l`} aria-label={label}>
      {shown.map((option, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus
        <div
          key={option.value}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(option.value)}
        >
          <span>{option.value}</span>
          {option.hint && <span className="hint num">{option.hint}</span>}
        </div>
      ))}
    </div>
  );
}
