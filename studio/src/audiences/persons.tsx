/** People of a segment: row by row, one of them found by an id, why somebody is in or out, and all of them as a CSV. */

import { useEffect, useRef, useState } from 'react';
import { engine, type Kind, type Model, type SegmentCount } from '../engine/engine.js';
import { useAudience } from '../people/people.js';
import { download } from '../shell/download.js';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import { Counting } from '../ui/counting.js';
import { Dialog } from '../ui/dialog.js';
import { Empty } from '../ui/empty.js';
import { ErrorNote } from '../ui/error.js';
import { Field } from '../ui/field.js';
import { count, people as peopleWords } from '../ui/numbers.js';
import { Progress } from '../ui/progress.js';
import { Table } from '../ui/table.js';
import { toast } from '../ui/toast.js';
import { useAsked, useBasis } from './asked.js';
import { lines } from './export.js';
import { Why } from './why.js';

type Person = Readonly<Record<string, unknown>> & { readonly [PLACE]: number };

const PLACE = Symbol('place');
/** How many are asked for at once. */
const SOME = 500;
const MANY = 10_000;
const KINDS: readonly { readonly value: Kind; readonly name: string }[] = [
  { value: 'matches', name: 'In it' },
  { value: 'others', name: 'Not in it' },
  { value: 'unknown', name: 'Unknown' },
];

export interface PersonsProps {
  readonly segment: string;
  readonly model: Model;
  readonly counts: SegmentCount | undefined;
}

export function Persons({ segment, model, counts }: PersonsProps) {
  const [kind, setKind] = useState<Kind>('matches');
  const [shown, setShown] = useState<Readonly<Record<string, unknown>>>();
  const [limit, setLimit] = useState(SOME);
  const basis = useBasis();
  const { report } = useAudience();
  const all = counts ? { matches: counts.matches, others: counts.misses, unknown: counts.unknown }[kind] : 0;
  const about = `${segment} ${kind}`;
  const {
    value: rows,
    error,
    pending,
  } = useAsked(basis && `${basis} ${about} ${limit}`, about, () => engine.people(segment, kind, 0, limit));
  // In the order of the file.
  const columns = (report?.columns ?? []).flatMap(({ attribute }) => attribute ?? []);
  const people = (rows ?? []).map((row, index): Person => ({ ...row, [PLACE]: index }));
  return (
    <>
      <div className="row between">
        <Choice label="Whom to list" hideLabel value={kind} options={KINDS} onChange={(value) => setKind(value as Kind)} />
        <Export segment={segment} kind={kind} all={all} columns={columns} />
      </div>
      <Find segment={segment} columns={columns} onFound={setShown} />
      {error && (
        <ErrorNote code={error.code} title="These people cannot be listed">
          {error.message}
        </ErrorNote>
      )}
      {pending && !rows && <Progress label="Looking them up" />}
      {rows && (
        <Counting isPending={pending}>
          <p className="soft num" role="status">
            {all > people.length ? `The first ${count(people.length)} of ${count(all)}.` : `${peopleWords(people.length)}.`} Choose one to
            see why.
          </p>
          <Table
            label={`People of ${segment}`}
            rows={people}
            rowKey={(row) => String(row[PLACE])}
            height="60vh"
            onOpen={setShown}
            columns={columns.map((name, index) => ({
              key: name,
              name,
              value: (row: Person) => shownValue(row[name]),
              end: model.attributes[name]?.type === 'number',
              width: index === 0 ? 'minmax(9rem, 1.4fr)' : 'minmax(7rem, 1fr)',
            }))}
            empty={<Empty title="Nobody">{EMPTY[kind]}</Empty>}
          />
          {all > people.length && (
            <div className="row">
              <Button small onPress={() => setLimit(limit + MANY)} isPending={pending}>
                List {count(Math.min(MANY, all - people.length))} more
              </Button>
            </div>
          )}
        </Counting>
      )}
      <Dialog title="Why" isOpen={shown !== undefined} onClose={() => setShown(undefined)} wide>
        {shown && <Why segment={segment} person={shown} />}
      </Dialog>
    </>
  );
}

const EMPTY: Readonly<Record<Kind, string>> = {
  matches: 'Nobody of this file is in it. See what each condition leaves in the builder above.',
  others: 'Everybody of whom it is known is in it.',
  unknown: 'Of everybody it is known whether they are in it.',
};

const shownValue = (value: unknown): string | number | undefined =>
  value === undefined || value === null
    ? undefined
    : typeof value === 'number'
      ? value
      : Array.isArray(value)
        ? value.join(', ')
        : String(value);

/** Looks for somebody by any value, in the order of the file. */
function Find({
  segment,
  columns,
  onFound,
}: {
  readonly segment: string;
  readonly columns: readonly string[];
  readonly onFound: (person: Readonly<Record<string, unknown>>) => void;
}) {
  const [text, setText] = useState('');
  const [state, setState] = useState<{ readonly looked?: number; readonly none?: string }>({});
  const turn = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is looked for belongs to one segment
  useEffect(() => () => void turn.current++, [segment]);
  const find = async (): Promise<void> => {
    const wanted = text.trim();
    if (wanted === '') return;
    const own = ++turn.current;
    let looked = 0;
    try {
      for (const { value: kind } of KINDS) {
        for (let from = 0; ; from += MANY) {
          setState({ looked });
          const rows = await engine.people(segment, kind, from, MANY);
          if (own !== turn.current) return;
          const found = rows.find((row) => columns.some((name) => String(row[name] ?? '') === wanted));
          if (found) {
            setState({});
            return onFound(found);
          }
          looked += rows.length;
          if (rows.length < MANY) break;
        }
      }
      setState({ none: `Nobody has the value “${wanted}” in any column. Ids are compared exactly.` });
    } catch (error) {
      setState({ none: (error as Error).message });
    }
  };
  return (
    <form
      className="row find"
      onSubmit={(event) => {
        event.preventDefault();
        void find();
      }}
    >
      <Field
        label="Find a person"
        value={text}
        onChange={setText}
        type="search"
        placeholder="An id, or another exact value"
        error={state.none}
        width="20rem"
      />
      <Button type="submit">Why is this person in or out?</Button>
      {state.looked !== undefined && (
        <Progress
          label="Looking"
          detail={`${count(state.looked)} people`}
          onCancel={() => {
            turn.current++;
            setState({});
          }}
        />
      )}
    </form>
  );
}

/** All of them as a CSV, a part at a time. */
function Export({
  segment,
  kind,
  all,
  columns,
}: {
  readonly segment: string;
  readonly kind: Kind;
  readonly all: number;
  readonly columns: readonly string[];
}) {
  const [done, setDone] = useState<number>();
  const stop = useRef(false);
  const basis = useRef<string>(undefined);
  basis.current = useBasis();
  const run = async (): Promise<void> => {
    stop.current = false;
    const began = basis.current;
    const parts: string[] = [lines(columns, [Object.fromEntries(columns.map((name) => [name, name]))])];
    try {
      for (let from = 0; from < all && !stop.current; from += MANY) {
        setDone(from);
        parts.push(lines(columns, await engine.people(segment, kind, from, MANY)));
        if (basis.current !== began) throw new Error('the rules or the people have changed meanwhile');
      }
      if (!stop.current) download(`${segment}-${kind}.csv`, parts, 'text/csv');
    } catch (error) {
      toast(`The CSV was not written: ${(error as Error).message}. Download it again.`, { tone: 'bad' });
    } finally {
      setDone(undefined);
    }
  };
  if (done !== undefined) return <Progress label="Writing the CSV" value={done / all} onCancel={() => (stop.current = true)} />;
  return (
    <Button small isDisabled={all === 0} onPress={() => void run()}>
      Download {count(all)} as CSV
    </Button>
  );
}
