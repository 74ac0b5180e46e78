/** What came of something, said for a few seconds at the edge of the page, and to screen readers. */

import { useLayoutEffect, useState, useSyncExternalStore } from 'react';
import { Button } from './button.js';
import { keepFocus } from './focus.js';

export interface ToastOptions {
  readonly tone?: 'plain' | 'good' | 'bad';
  readonly action?: { readonly name: string; run(): void };
}

interface Said extends ToastOptions {
  readonly id: number;
  readonly text: string;
}

const STAYS = 6_000; // milliseconds
const FRESH = 1_000; // milliseconds
let last = 0;
let shown: readonly Said[] = [];
let spoken = '';
let spokenAt = 0;
const watchers = new Set<() => void>();
const tell = (): void => {
  for (const watcher of watchers) watcher();
};
const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

function dismiss(id: number): void {
  shown = shown.filter((one) => one.id !== id);
  tell();
}

/** @example toast('Saved into the folder.', { tone: 'good', action: { name: 'Undo', run: undo } }) */
export function toast(text: string, options: ToastOptions = {}): void {
  const id = ++last;
  shown = [...shown.slice(-2), { id, text, ...options }];
  say(text);
  // What failed, or can be taken back, stays until it is read.
  if (options.tone !== 'bad' && !options.action) setTimeout(() => dismiss(id), STAYS);
}

/** Says it to screen readers alone. */
export function say(text: string): void {
  // The same again is said again.
  spoken = text === spoken ? `${text}\u00a0` : text;
  spokenAt = performance.now();
  tell();
}

/** Where they may appear: the page, and the dialogs over it. */
const layers: object[] = [];

/** Another layer is on top. It says on what a dialog said as it closed, and nothing of before. */
function relayer(change: () => void): void {
  change();
  if (performance.now() - spokenAt > FRESH) spoken = '';
  tell();
}

/** Where they appear: in the shell, or in the dialog that lies over it, as what is below can be neither read nor pressed. */
export function Toasts() {
  const [layer] = useState({});
  useLayoutEffect(() => {
    relayer(() => layers.push(layer));
    return () => relayer(() => layers.splice(layers.indexOf(layer), 1));
  }, [layer]);
  const isTop = useSyncExternalStore(
    watch,
    () => layers.length === 0 || layers.at(-1) === layer,
    () => true,
  );
  const all = useSyncExternalStore(
    watch,
    () => shown,
    () => shown,
  );
  const words = useSyncExternalStore(
    watch,
    () => spoken,
    () => '',
  );
  return (
    <>
      {/* It is there before its words are: what comes into the page with its words is not read. */}
      <p className="hidden-label" role="status" aria-live="polite">
        {isTop ? words : ''}
      </p>
      {isTop && all.length > 0 && (
        <section className="toasts" aria-label="Messages">
          {all.map(({ id, text, tone = 'plain', action }) => (
            <div key={id} className={`toast ${tone}`}>
              <p>{text}</p>
              {action && (
                <Button
                  kind="quiet"
                  small
                  onPress={() => {
                    dismiss(id);
                    action.run();
                    keepFocus();
                  }}
                >
                  {action.name}
                </Button>
              )}
              <Button
                kind="quiet"
                small
                label="Close the message"
                onPress={() => {
                  dismiss(id);
                  keepFocus();
                }}
              >
                ✕
              </Button>
            </div>
          ))}
        </section>
      )}
    </>
  );
}
