/** One segment: how many are in it, its condition to build or to write, and who they are. */

import { useEffect, useMemo, useState } from 'react';
import type { Finding, Model, PopulationCount, SegmentCount } from '../engine/types.js';
import { useAudience } from '../people/people.js';
import { conditionOf, setCondition } from '../rules/condition.js';
import { EditError, get, remove, renameNamed, set, uses } from '../rules/rules.js';
import { go, useAddress } from '../shell/address.js';
import { edit, type Files, useRules } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Counting } from '../ui/counting.js';
import { Dialog } from '../ui/dialog.js';
import { Empty } from '../ui/empty.js';
import { ErrorNote, Findings } from '../ui/error.js';
import { Field } from '../ui/field.js';
import { count } from '../ui/numbers.js';
import { Menu } from '../ui/menu.js';
import { Panel } from '../ui/panel.js';
import { Share } from '../ui/share.js';
import { Tabs } from '../ui/tabs.js';
import { toast } from '../ui/toast.js';
import type { Asked } from './asked.js';
import { Breakdown } from './breakdown.js';
import { ConditionEditor } from './condition-editor.js';
import { Overlap } from './overlap.js';
import { Persons } from './persons.js';
import { Text, useWritten } from './text.js';

const NO_RULES = { files: {}, base: {} };

export interface SegmentProps {
  readonly name: string;
  readonly model: Model;
  readonly counts: Asked<PopulationCount>;
  readonly findings: readonly Finding[];
}

/** Takes a change of the rules, or says why it is none. */
export function attempt(change: () => Files): boolean {
  try {
    edit(change());
    return true;
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    toast(`${error.message}: ${error.remedy}.`, { tone: 'bad' });
    return false;
  }
}

export default function Segment({ name, model, counts, findings }: SegmentProps) {
  const rules = useRules() ?? NO_RULES;
  const path = ['segments', name];
  const { files, broken, value, place, text } = useWritten(rules, path);
  // The same text, the same tree: figures belong to its parts.
  const condition = useMemo(() => conditionOf(files, ['segments', name]), [files, name]);
  useRenamed(name);
  const isHere = value !== undefined && place !== undefined;
  const declared = model.segments.find(({ key }) => key === name);
  const counted = counts.value?.segments.find((one) => one.name === name);
  const end = place ? place.line + (files[place.file] ?? '').slice(place.from, place.to).split('\n').length - 1 : 0;
  const own = place ? findings.filter(({ file, line }) => file === place.file && line >= place.line && line <= end) : [];
  return (
    <>
      {isHere ? (
        <Panel
          title={declared?.title ?? name}
          note={declared?.description}
          actions={!broken && <SegmentMenu name={name} model={model} files={files} />}
          id="segment"
        >
          <Counting isPending={counted !== undefined && counts.pending}>
            <Size counted={counted} name={name} />
          </Counting>
          {own.length > 0 && <Findings findings={own} />}
        </Panel>
      ) : (
        <Gone name={name} />
      )}
      {text && (
        <Panel title="Who is in it" note={`${text.file}, line ${text.line}. Changes are a draft until they are released.`}>
          {isHere && (
            <div inert={broken !== undefined}>
              <ConditionEditor
                label="Who is in it"
                condition={condition}
                model={model}
                segment={name}
                onChange={(next) => attempt(() => setCondition(files, path, next))}
              />
            </div>
          )}
          <Text key="text" name={name} file={text.file} line={text.line} findings={findings} files={rules.files} broken={broken} />
        </Panel>
      )}
      {isHere && counts.value && <People name={name} model={model} counts={counted} />}
    </>
  );
}

function Size({ counted, name }: { readonly counted: SegmentCount | undefined; readonly name: string }) {
  const { report } = useAudience();
  if (!report) {
    return (
      <p className="soft">
        Nobody is counted yet.{' '}
        <Button small onPress={() => go({ segment: undefined, flag: undefined })}>
          Choose a file of people
        </Button>
      </p>
    );
  }
  if (!counted) return <p className="soft">It is counted once the rules have no errors.</p>;
  const { matches, misses, unknown, lacks, absent } = counted;
  return (
    <div className="stack tight" data-size="segment" data-matches={matches} data-others={misses} data-unknown={unknown}>
      <Share label={name} matches={matches} others={misses} unknown={unknown} />
      {unknown > 0 && (
        <p className="unsure">
          {count(unknown)} are unknown:{' '}
          {lacks.length > 0
            ? `the file has no column for ${lacks.join(', ')}.`
            : absent.length > 0
              ? `the list ${absent.join(', ')} is not here.`
              : 'what is asked for is missing, or of another type.'}
        </p>
      )}
    </div>
  );
}

function People({ name, model, counts }: { readonly name: string; readonly model: Model; readonly counts: SegmentCount | undefined }) {
  const { tab } = useAddress();
  return (
    <Panel title="Who they are" plain>
      <Tabs
        label="Who they are"
        selected={tab ?? 'breakdown'}
        onChange={(key) => go({ tab: key }, 'replace')}
        tabs={[
          { key: 'breakdown', name: 'Breakdown', content: <Breakdown segment={name} model={model} /> },
          { key: 'overlap', name: 'Overlap', content: <Overlap segment={name} model={model} /> },
          { key: 'people', name: 'People', content: <Persons segment={name} model={model} counts={counts} /> },
        ]}
      />
    </Panel>
  );
}

/** Under another name it is drawn anew, and whoever renamed it goes on there. At its title: a button would be pressed by the same Enter. */
let renamedTo: string | undefined;
function useRenamed(name: string): void {
  useEffect(() => {
    if (renamedTo !== name) return;
    renamedTo = undefined;
    const title = document.querySelector<HTMLElement>('#segment h2');
    title?.setAttribute('tabindex', '-1');
    title?.focus();
  }, [name]);
}

function SegmentMenu({ name, model, files }: { readonly name: string; readonly model: Model; readonly files: Files }) {
  const [asks, setAsks] = useState<'rename' | 'title' | 'remove'>();
  const [text, setText] = useState('');
  const used = asks === 'remove' ? uses(files, 'segments', name) : [];
  const title = model.segments.find(({ key }) => key === name)?.title ?? '';
  const begin = (what: 'rename' | 'title', value: string): void => {
    setText(value);
    setAsks(what);
  };
  const isLong = (): boolean => {
    const value = get(files, ['segments', name]);
    return typeof value === 'object' && value !== null && 'if' in value;
  };
  const settle = (): void => {
    if (asks === 'rename' && text !== name && attempt(() => renameNamed(files, 'segments', name, text.trim()))) {
      renamedTo = text.trim();
      go({ segment: renamedTo }, 'replace');
    }
    if (asks === 'title') {
      const whole = get(files, ['segments', name]) ?? {};
      attempt(() =>
        isLong() ? set(files, ['segments', name, 'title'], text) : set(files, ['segments', name], { title: text, if: whole }),
      );
    }
    setAsks(undefined);
  };
  return (
    <>
      <Menu
        label={`More for ${name}`}
        items={[
          { key: 'title', name: 'Change its title', run: () => begin('title', title) },
          { key: 'rename', name: 'Rename it in the rules', hint: name, run: () => begin('rename', name) },
          { key: 'remove', name: 'Remove it', danger: true, run: () => setAsks('remove') },
        ]}
      />
      <Dialog
        title={asks === 'title' ? `Title of ${name}` : `Rename ${name}`}
        isOpen={asks === 'rename' || asks === 'title'}
        onClose={() => setAsks(undefined)}
        actions={
          <>
            <Button onPress={() => setAsks(undefined)}>Cancel</Button>
            <Button kind="primary" onPress={settle}>
              {asks === 'title' ? 'Change it' : 'Rename it'}
            </Button>
          </>
        }
      >
        <Field
          label={asks === 'title' ? 'In words' : 'Name in the rules'}
          value={text}
          onChange={setText}
          onSubmit={settle}
          autoFocus
          hint={asks === 'rename' ? 'Wherever the rules use it, the name follows.' : undefined}
        />
      </Dialog>
      <Dialog
        title={`Remove ${name}?`}
        isOpen={asks === 'remove'}
        danger
        onClose={() => setAsks(undefined)}
        actions={
          <>
            <Button onPress={() => setAsks(undefined)}>Cancel</Button>
            <Button
              kind="danger"
              onPress={() => {
                if (attempt(() => remove(files, ['segments', name]))) go({ segment: undefined });
                setAsks(undefined);
              }}
            >
              Remove it
            </Button>
          </>
        }
      >
        {used.length === 0 ? (
          <p>Nothing else in the rules asks for it. It can be undone.</p>
        ) : (
          <ErrorNote
            tone="unsure"
            title={`It is used in ${count(used.length)} places`}
            remedy="They are errors then, until they ask for something else."
          >
            {used
              .slice(0, 5)
              .map((path) => path.slice(0, 2).join(' '))
              .join(', ')}
          </ErrorNote>
        )}
      </Dialog>
    </>
  );
}

function Gone({ name }: { readonly name: string }) {
  return (
    <Empty title={`No segment is named ${name}`} action={<Button onPress={() => go({ segment: undefined })}>See all segments</Button>}>
      It was renamed or removed, or its file cannot be read. Undo brings it back.
    </Empty>
  );
}
