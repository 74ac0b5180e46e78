/** Views of one thing, of which one is drawn. */

import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react';
import { steps } from './steps.js';

export interface TabsProps {
  readonly label: string;
  readonly tabs: readonly {
    readonly key: string;
    readonly name: string;
    readonly count?: number | undefined;
    readonly content: ReactNode;
  }[];
  readonly selected?: string | undefined;
  readonly onChange?: (key: string) => void;
}

export function Tabs({ label, tabs, selected, onChange }: TabsProps) {
  const id = useId();
  const [own, setOwn] = useState(selected);
  const wanted = selected ?? own;
  const shown = tabs.find(({ key }) => key === wanted) ?? tabs[0];
  const choose = (key: string): void => {
    if (key === shown?.key) return;
    setOwn(key);
    onChange?.(key);
  };
  // Arrow keys go from tab to tab, and each is drawn as it is come to.
  const walk = (event: KeyboardEvent<HTMLElement>): void => {
    const next = steps(event, '[role=tab]', ['ArrowLeft', 'ArrowRight']);
    if (next?.dataset.tab !== undefined) choose(next.dataset.tab);
  };
  return (
    <div className="tabs">
      <div role="tablist" aria-label={label} onKeyDown={walk}>
        {tabs.map(({ key, name, count }) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`${id}-${key}`}
            data-tab={key}
            aria-selected={key === shown?.key}
            aria-controls={key === shown?.key ? id : undefined}
            tabIndex={key === shown?.key ? 0 : -1}
            onClick={() => choose(key)}
          >
            {name}
            {count !== undefined && <span className="count num">{count.toLocaleString('en')}</span>}
          </button>
        ))}
      </div>
      {shown && (
        <Panel key={shown.key} id={id} of={`${id}-${shown.key}`}>
          {shown.content}
        </Panel>
      )}
    </div>
  );
}

/** Tab stops at it where nothing in it would be stopped at: whoever has no pointer could not scroll it. */
function Panel({ id, of, children }: { readonly id: string; readonly of: string; readonly children: ReactNode }) {
  const panel = useRef<HTMLDivElement>(null);
  const [isBare, setBare] = useState(false);
  useLayoutEffect(() => setBare(!panel.current?.querySelector('a[href], button, input, select, textarea, summary, [tabindex="0"]')));
  return (
    <div ref={panel} role="tabpanel" id={id} aria-labelledby={of} className="stack" tabIndex={isBare ? 0 : undefined}>
      {children}
    </div>
  );
}
