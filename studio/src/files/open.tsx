/** Opening rules: a folder of this computer, or what the server has. */

import { type DragEvent, useEffect, useState } from 'react';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { useRules } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { ErrorNote } from '../ui/error.js';
import { canWrite, fromDrop, fromList, type Opened, pickFolder } from './folder.js';
import { changedPaths } from './changed.js';
import { openFolder, openServed } from './save.js';
import { type Served, servedRules } from './served.js';
import './files.css';

export function OpenDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const rules = useRules();
  const [served, setServed] = useState<Served>();
  const [error, setError] = useState('');
  const [skipped, setSkipped] = useState<readonly string[]>([]);
  const [isOver, setOver] = useState(false);
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
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const data = event.dataTransfer;
    void take(() => fromDrop(data));
  };

  return (
    <Dialog title="Open rules" isOpen={isOpen} onClose={onClose}>
      <div className="stack">
        {unsaved > 0 && (
          <ErrorNote tone="unsure" title={`Your draft has ${unsaved} changed ${unsaved === 1 ? 'file' : 'files'}`}>
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
        <section
          className="way drop"
          aria-label="A folder"
          data-over={isOver}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
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
            <FileTrigger acceptDirectory onSelect={(list) => list && void take(() => fromList([...list]))}>
              <Button kind={served ? 'plain' : 'primary'}>Choose a folder…</Button>
            </FileTrigger>
          )}
        </section>
        {!served && (
          <p className="soft">
            With <code>waft serve --rules FOLDER --studio studio/dist</code> the rules of a server are listed here as well.
          </p>
        )}
      </div>
    </Dialog>
  );
}
