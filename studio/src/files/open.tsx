/** Opening rules: a folder of this computer, or what the server has. */

import { useEffect, useState } from 'react';
import type { KeptDraft } from '../shell/drafts.js';
import { leftDrafts, takeUp } from '../shell/keep.js';
import { useRules } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { FileButton, useDropTarget } from '../ui/drop.js';
import { ErrorNote } from '../ui/error.js';
import { canWrite, fromDrop, fromList, type Opened, pickFolder } from './folder.js';
import { changedFiles, changedPaths } from './changed.js';
import { look } from './follow.js';
import { named } from './named.js';
import { openFolder, openServed } from './save.js';
import { type Served, servedRules } from './served.js';
import './files.css';

export function OpenDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const rules = useRules();
  const [served, setServed] = useState<Served>();
  const [error, setError] = useState('');
  const [skipped, setSkipped] = useState<readonly string[]>([]);
  const unsaved = rules ? changedPaths(rules.base, rules.files).length : 0;

  useEffect(() => {
    if (!isOpen) return;
    setError('');
    setSkipped([]);
    servedRules().then(setServed, (refused: Error) => setError(refused.message));
  }, [isOpen]);

  const take = async (step: () => Promise<Opened | undefined>): Promise<void> => {
    setError('');
    try {
      const opened = await step();
      if (!opened) return;
      await openFolder(opened);
      setSkipped(opened.skipped);
      if (opened.skipped.length === 0) onClose();
    } catch (failed) {
      setError((failed as Error).message);
    }
  };
  // A folder is in the items of what is dropped, not in its files.
  const target = useDropTarget((data) => void take(() => fromDrop(data)));

  return (
    <Dialog title="Open rules" isOpen={isOpen} onClose={onClose}>
      <div className="stack">
        {unsaved > 0 && (
          <ErrorNote tone="unsure" title={`Your draft has ${changedFiles(unsaved)}`}>
            Opening other rules ends it. Save it or download its patch first.
          </ErrorNote>
        )}
        {error && <ErrorNote title="Nothing was opened">{error}</ErrorNote>}
        {skipped.length > 0 && (
          <ErrorNote tone="unsure" title={`Opened, without ${skipped.length} ${skipped.length === 1 ? 'file' : 'files'}`}>
            {skipped.map((line) => (
              <span key={line} className="line">
                {line}
              </span>
            ))}
          </ErrorNote>
        )}
        {served && (
          <div className="way">
            <p>
              <strong>Rules of this server.</strong> {Object.keys(served.files).length} files. You save your changes there; pages get them
              with a release.
            </p>
            <Button
              kind="primary"
              onPress={() => {
                openServed(served);
                onClose();
              }}
            >
              Open the server’s rules
            </Button>
          </div>
        )}
        <section className="drop" aria-label="A folder" {...target}>
          <p>
            <strong>A folder of this computer.</strong> Choose the one that has <code>waft.yaml</code> in it, or drop it here. Nothing is
            sent anywhere.{' '}
            {canWrite() ? 'You can save into it.' : 'This browser does not write into folders: you download what you changed.'}
          </p>
          {canWrite() ? (
            <Button kind={served ? 'plain' : 'primary'} onPress={() => void take(pickFolder)}>
              Choose a folder…
            </Button>
          ) : (
            <FileButton
              label="Choose a folder…"
              kind={served ? 'plain' : 'primary'}
              folder
              onFiles={(list) => void take(() => fromList(list))}
            />
          )}
        </section>
        <LeftDrafts isOpen={isOpen} onClose={onClose} />
        {!served && (
          <p className="soft">
            With <code>waft serve --rules FOLDER --studio studio/dist</code> the rules of a server are listed here as well.
          </p>
        )}
      </div>
    </Dialog>
  );
}

/** How often it is looked for what closed tabs left, in milliseconds. */
const EVERY = 1_000;

/** What closed tabs left: it becomes this tab's draft. */
function LeftDrafts({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const [left, setLeft] = useState<readonly KeptDraft[]>([]);
  useEffect(() => {
    if (!isOpen) return;
    const find = (): void => void leftDrafts().then(setLeft);
    find();
    // A tab may be closed meanwhile, and lets go of its place a moment later.
    const timer = setInterval(find, EVERY);
    return () => clearInterval(timer);
  }, [isOpen]);
  const goOn = (draft: KeptDraft): void => {
    takeUp(draft);
    void look(true);
    onClose();
  };
  if (left.length === 0) return null;
  return (
    <div className="way">
      <p>
        <strong>Drafts that were not saved.</strong> Tabs that are closed left them in this browser.
      </p>
      <ul className="plain-list">
        {left.map((draft) => (
          <li key={draft.place} className="row between" data-left>
            <Left {...draft} />
            <Button small aria-label={`Go on with it: ${named(draft.rules.source)}, ${timeOf(draft)}`} onPress={() => goOn(draft)}>
              Go on with it
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

const timeOf = ({ at }: KeptDraft): string => new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

function Left(draft: KeptDraft) {
  const { source, base, files } = draft.rules;
  return (
    <span>
      {named(source)}, {changedFiles(changedPaths(base, files).length)} <span className="soft">{timeOf(draft)}</span>
    </span>
  );
}
