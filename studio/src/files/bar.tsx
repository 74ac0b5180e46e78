/** What is open, how much of it was changed, and the ways in and out. */

import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { useDraft } from '../engine/use-draft.js';
import { Boundary } from '../shell/boundary.js';
import { download } from '../shell/download.js';
import { type Files, type Rules, resume, type Source, useRules } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Code } from '../ui/code.js';
import { Dialog } from '../ui/dialog.js';
import { ErrorNote } from '../ui/error.js';
import { Tag } from '../ui/tag.js';
import { toast } from '../ui/toast.js';
import { OpenDialog } from './open.js';
import { changedFiles, changedPaths } from './changed.js';
import { useMoved } from './follow.js';
import { named } from './named.js';
import { patchOf } from './patch.js';
import { type Conflict, folderOf, type Saved, save, saveMerged } from './save.js';
import type { Served } from './served.js';
import './files.css';

const ConflictDialog = lazy(() => import('./conflict.js'));

export default function FilesBar() {
  const rules = useRules();
  const moved = useMoved();
  const [shown, setShown] = useState<'open' | 'save' | 'moved'>();
  const changed = rules ? changedPaths(rules.base, rules.files).length : 0;
  const close = (): void => setShown(undefined);
  return (
    <div className="files-bar row">
      {rules && (
        <span className="soft" data-files-source={rules.source.kind}>
          {named(rules.source)}
          {changed > 0 && `, ${changedFiles(changed)}`}
        </span>
      )}
      {rules && moved && (
        <span className="row" role="status" data-moved>
          <Tag tone="unsure">the server has other rules by now</Tag>
          <Button small onPress={() => setShown('moved')}>
            Compare…
          </Button>
        </span>
      )}
      <Button small onPress={() => setShown('open')}>
        Open…
      </Button>
      {rules && (
        <Button small kind={changed > 0 ? 'primary' : 'plain'} isDisabled={changed === 0} onPress={() => setShown('save')}>
          Save…
        </Button>
      )}
      <OpenDialog isOpen={shown === 'open'} onClose={close} />
      {rules && shown === 'save' && <SaveDialog rules={rules} onClose={close} />}
      {rules && moved && shown === 'moved' && <MovedDialog rules={rules} moved={moved} onClose={close} />}
    </div>
  );
}

/** The server has other rules than those that the draft was made of: both, and the draft on top of what the server has. */
function MovedDialog({ rules, moved, onClose }: { readonly rules: Rules; readonly moved: Served; readonly onClose: () => void }) {
  const { base, files } = rules;
  const conflict = useMemo((): Conflict => {
    const source = { kind: 'serve', etag: moved.etag } as const;
    return { base, mine: files, theirs: moved.files, source, where: 'on the server' };
  }, [base, files, moved]);
  const goOn = (merged: Files): void => {
    // The way back would lead to a draft that takes back what others did.
    resume({ source: conflict.source, base: conflict.theirs, files: merged });
    onClose();
    toast('Your draft is made of the server’s rules again. Nothing was saved yet.', { tone: 'good' });
  };
  return (
    <Boundary name="The comparison">
      <Suspense>
        <ConflictDialog conflict={conflict} as="draft" isPending={false} onClose={onClose} onDone={goOn} />
      </Suspense>
    </Boundary>
  );
}

function SaveDialog({ rules, onClose }: { readonly rules: Rules; readonly onClose: () => void }) {
  const { source, base, files } = rules;
  const [canSave, setCanSave] = useState(source.kind === 'serve');
  const [conflict, setConflict] = useState<Conflict>();
  const [error, setError] = useState('');
  const [isPending, setPending] = useState(false);
  const errors = useDraft()?.findings.filter(({ severity }) => severity === 'error').length ?? 0;
  const paths = changedPaths(base, files);
  const where = source.kind === 'files' ? `into the folder ${source.name}` : 'to the server';

  useEffect(() => {
    if (source.kind === 'files') void folderOf(source).then((folder) => setCanSave(folder !== undefined));
  }, [source]);

  const step = async (saving: () => Promise<Conflict | Saved>): Promise<void> => {
    setPending(true);
    setError('');
    try {
      const found = await saving();
      if ('theirs' in found) return setConflict(found);
      tell(found.errors);
      onClose();
    } catch (failed) {
      setError((failed as Error).message);
      setConflict(undefined);
    } finally {
      setPending(false);
    }
  };

  const tell = (errors: number): void => {
    const many = errors === 1 ? 'an error' : `${errors} errors`;
    if (errors > 0) toast(`Saved, with ${many}: they are not released until that is mended.`, { tone: 'bad' });
    else toast(source.kind === 'serve' ? 'Saved. Pages change once it is released.' : `Saved ${where}.`, { tone: 'good' });
  };

  if (conflict)
    return (
      <Boundary name="The comparison">
        <Suspense>
          <ConflictDialog
            conflict={conflict}
            as="saved"
            isPending={isPending}
            onClose={() => isPending || setConflict(undefined)}
            onDone={(merged) => void step(() => saveMerged(conflict, merged))}
          />
        </Suspense>
      </Boundary>
    );
  return (
    <Dialog
      title={`Save ${changedFiles(paths.length)}`}
      isOpen
      onClose={() => isPending || onClose()}
      wide
      actions={
        canSave && (
          <Button kind="primary" isPending={isPending} onPress={() => void step(() => save(rules))}>
            Save {where}
          </Button>
        )
      }
    >
      <div className="stack">
        <p>
          {canSave
            ? `This writes ${paths.length === 1 ? 'one file' : `${paths.length} files`} ${where}. Pages do not change by that: a release does, once it is approved.`
            : cannot(source)}
        </p>
        {error && <ErrorNote title="It was not saved">{error}</ErrorNote>}
        {errors > 0 && (
          <ErrorNote tone="unsure" title={errors === 1 ? 'The draft has an error' : `The draft has ${errors} errors`}>
            You can save it. It is not released until that is mended: Releases says where it is.
          </ErrorNote>
        )}
        <div className="row">
          <Button onPress={() => download('waft.patch', [patchOf(base, files)], 'text/x-patch')}>Download the patch</Button>
          <Button onPress={() => downloadFiles(paths, rules)}>Download the files</Button>
        </div>
        <p className="soft">
          In the folder of the rules, <code>git apply waft.patch</code> takes the patch.
        </p>
        {paths.map((path) => (
          <details key={path} data-changed={path} open={paths.length < 4}>
            <summary>
              {path} <span className="soft">{kindOf(base[path], files[path])}</span>
            </summary>
            <Code block>{patchOf(only(base, path), only(files, path))}</Code>
          </details>
        ))}
      </div>
    </Dialog>
  );
}

const only = (all: Files, path: string): Files => (all[path] === undefined ? {} : { [path]: all[path] });

const kindOf = (before?: string, after?: string): string => (before === undefined ? 'new' : after === undefined ? 'removed' : 'changed');

const cannot = (source: Source): string =>
  source.kind === 'sample'
    ? 'The sample belongs to this page, so that it is saved nowhere. Download what you made of it.'
    : 'This browser does not write into the folder. Download the patch, or the files, and put them there.';

/** A file that is gone cannot be downloaded: the patch removes it. */
function downloadFiles(paths: readonly string[], { files }: Rules): void {
  for (const path of paths) {
    const text = files[path];
    if (text !== undefined) download(path.split('/').at(-1) ?? path, [text], 'application/yaml');
  }
  const gone = paths.filter((path) => files[path] === undefined);
  if (gone.length > 0) toast(`Remove by hand: ${gone.join(', ')}. The patch does it by itself.`);
}
