/** At the head of every place: search, undo, and what else there is for the page as a whole. */

import { lazy, Suspense, useEffect } from 'react';
import { Button } from '../ui/button.js';
import { isCovered, isTyping } from '../ui/focus.js';
import { say } from '../ui/toast.js';
import { Boundary } from './boundary.js';
import { Icon } from './icons.js';
import { redo, undo, useCanRedo, useCanUndo } from './session.js';

const More = lazy(() => import('./more.js'));

/** Undo and redo by keys, but where somebody types: there they are the field's own. Nor behind a dialog, where nobody sees what is undone. */
function useUndoKeys(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (!(event.metaKey || event.ctrlKey) || event.altKey || isCovered()) return;
      if (isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      const isRedo = key === 'y' || (key === 'z' && event.shiftKey);
      if (!isRedo && key !== 'z') return;
      event.preventDefault();
      (isRedo ? again : back)();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

function back(): void {
  undo();
  say('Undone.');
}

function again(): void {
  redo();
  say('Done again.');
}

/** The menu needs much code for what is seldom asked: it comes when the page is ready. */
export function Tools({ onSearch, isReady }: { readonly onSearch: () => void; readonly isReady: boolean }) {
  const [canUndo, canRedo] = [useCanUndo(), useCanRedo()];
  useUndoKeys();
  return (
    <div className="tools">
      <button
        type="button"
        className="button find"
        aria-label="Search flags, segments and places"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={onSearch}
      >
        <Icon name="search" />
        <span className="words">Search flags</span>
        <kbd data-keys="Ctrl K" />
      </button>
      <Button kind="quiet" label="Undo" aria-keyshortcuts="Control+Z Meta+Z" isDisabled={!canUndo} onPress={back}>
        <Icon name="undo" />
      </Button>
      <Button kind="quiet" label="Redo" aria-keyshortcuts="Control+Shift+Z Meta+Shift+Z" isDisabled={!canRedo} onPress={again}>
        <Icon name="redo" />
      </Button>
      {isReady && (
        <Boundary name="The menu">
          <Suspense>
            <More />
          </Suspense>
        </Boundary>
      )}
    </div>
  );
}
