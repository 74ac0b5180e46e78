/** What else can be done with a thing. */

import { type FocusEvent, type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { Button } from './button.js';
import { Popover } from './popover.js';
import { steps } from './steps.js';

export interface MenuProps {
  /** What the button says to those who do not see it. */
  readonly label: string;
  readonly items: readonly {
    readonly key: string;
    readonly name: string;
    readonly hint?: string;
    readonly danger?: boolean;
    readonly disabled?: boolean;
    run(): void;
  }[];
  readonly children?: ReactNode;
  readonly small?: boolean;
}

/** Which item has the focus at first. */
const FIRST: Readonly<Record<string, number>> = { ArrowDown: 0, ArrowUp: -1 };

export function Menu({ label, items, children = '⋯', small = false }: MenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [first, setFirst] = useState<number>();
  const isOpen = first !== undefined;
  const close = (): void => {
    setFirst(undefined);
    button.current?.focus();
  };
  const open = (event: KeyboardEvent): void => {
    const at = FIRST[event.key];
    if (isOpen || at === undefined) return;
    event.preventDefault();
    setFirst(at);
  };
  return (
    <>
      <Button
        ref={button}
        kind="quiet"
        small={small}
        label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onKeyDown={open}
        onPress={() => (isOpen ? close() : setFirst(0))}
      >
        {children}
      </Button>
      {isOpen && (
        <Popover
          anchor={button}
          end
          onClose={() => setFirst(undefined)}
          onShown={(list) => [...list.querySelectorAll<HTMLElement>('button:not(:disabled)')].at(first)?.focus()}
        >
          <Items {...{ label, items, close }} onLeave={({ relatedTarget: to }) => to && to !== button.current && setFirst(undefined)} />
        </Popover>
      )}
    </>
  );
}

interface ItemsProps extends Pick<MenuProps, 'label' | 'items'> {
  readonly close: () => void;
  /** The focus is on something else. */
  readonly onLeave: (event: FocusEvent) => void;
}

function Items({ label, items, close, onLeave }: ItemsProps) {
  const walk = (event: KeyboardEvent<HTMLElement>): void => {
    if (steps(event, '[role=menuitem]', ['ArrowUp', 'ArrowDown'])) return;
    if (event.key === 'Escape') {
      // A dialog below it stays.
      event.preventDefault();
      event.stopPropagation();
      close();
    }
    // From the button, the focus goes on to what follows.
    if (event.key === 'Tab') close();
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) jump(event);
  };
  return (
    <div
      role="menu"
      tabIndex={-1}
      className="list"
      aria-label={label}
      onKeyDown={walk}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && onLeave(event)}
    >
      {items.map(({ key, name, hint, danger = false, disabled = false, run }) => (
        <button
          key={key}
          type="button"
          role="menuitem"
          tabIndex={-1}
          className={danger ? 'danger' : ''}
          disabled={disabled}
          onMouseMove={({ currentTarget }) => currentTarget.focus()}
          onClick={() => {
            close();
            run();
          }}
        >
          <span>{name}</span>
          {hint && <span className="hint">{hint}</span>}
        </button>
      ))}
    </div>
  );
}

/** A letter leads to the next item that begins with it. */
function jump({ key, currentTarget }: KeyboardEvent<HTMLElement>): void {
  const all = [...currentTarget.querySelectorAll<HTMLElement>('button:not(:disabled)')];
  const at = all.indexOf(document.activeElement as HTMLElement) + 1;
  [...all.slice(at), ...all.slice(0, at)].find(({ textContent }) => textContent?.toLowerCase().startsWith(key.toLowerCase()))?.focus();
}
