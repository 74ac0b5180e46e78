/** What somebody drafts here and has not saved: whether it compiles, what it changes, and for whom of their own file. */

import { identityOf, useAsked } from '../audiences/asked.js';
import { Lines } from '../keys/lines.js';
import { type Diff, engine, type FlagEffect } from '../engine/engine.js';
import { useDraftState } from '../engine/use-draft.js';
import { changedFiles, changedPaths } from '../files/changed.js';
import { useAudience } from '../people/people.js';
import { type Rules, useRules } from '../shell/session.js';
import { Counting } from '../ui/counting.js';
import { ErrorNote, Findings } from '../ui/error.js';
import { count, percent } from '../ui/figure.js';
import { Panel } from '../ui/panel.js';
import { Tag } from '../ui/tag.js';

/** Nothing, where nothing is drafted. */
export function DraftPanel() {
  const rules = useRules();
  const changed = rules ? changedPaths(rules.base, rules.files) : [];
  return rules && changed.length > 0 ? <Drafted rules={rules} changed={changed} /> : null;
}

function Drafted({ rules, changed }: { readonly rules: Rules; readonly changed: readonly string[] }) {
  const { draft, compiling, error } = useDraftState();
  const findings = draft?.findings ?? [];
  const errors = findings.filter(({ severity }) => severity === 'error').length;

  const { version } = useAudience();
  const key = draft && !error && errors === 0 ? `${identityOf(draft)} ${version} ${identityOf(rules.base)}` : undefined;
  const { value: diff, error: failed, pending } = useAsked(key, '', () => engine.diff(rules.base));

  const next = rules.source.kind === 'serve' ? 'Save them, then propose them here.' : 'Save them; what builds from there proposes them.';
  return (
    <Panel
      id="draft"
      title="Your draft"
      note={`${changedFiles(changed.length)}: ${changed.join(', ')}. Nobody else sees them yet. ${next}`}
    >
      <div className="stack">
        <p className="row told">
          {error ? (
            <Tag tone="bad">not compiled</Tag>
          ) : compiling || !draft ? (
            <Tag>compiling</Tag>
          ) : errors > 0 ? (
            <Tag tone="bad">{errors === 1 ? '1 error' : `${errors} errors`}</Tag>
          ) : (
            <Tag tone="good">no errors</Tag>
          )}
          {findings.length > errors && <Tag tone="unsure">{findings.length - errors} to look at</Tag>}
        </p>
        {error && <ErrorNote title="The draft was not compiled">{error}</ErrorNote>}
        {findings.length > 0 && <Findings findings={findings} />}
        {failed && <ErrorNote title="The draft was not compared with what you opened">{failed.message}</ErrorNote>}
        {diff && (
          <Counting isPending={pending}>
            <Compared diff={diff} />
          </Counting>
        )}
      </div>
    </Panel>
  );
}

function Compared({ diff: { flags, population, running } }: { readonly diff: Diff }) {
  const changes = flags.flatMap(({ flag, change, parts = [], through = [] }) => [
    `${flag}: ${change}${through.length > 0 ? `, through ${through.map(({ kind, name }) => `${kind} ${name}`).join(', ')}` : ''}`,
    ...parts.map(({ part, before = 'nothing', after = 'nothing' }) => `  ${part}: ${before} → ${after}`),
  ]);
  const meanwhile = running.flatMap(({ kind, name, changes: all }) => all.map((change) => `${kind} ${name} is running: ${change}`));
  if (changes.length + meanwhile.length === 0)
    return <p className="told">Nothing that pages decide by has changed: comments, tests, or how it is written.</p>;
  return (
    <div className="grid2">
      <section className="stack tight">
        <h3>What changes</h3>
        <Lines name="draft-changes" lines={[...changes, ...meanwhile]} label="What the draft changes" />
      </section>
      <section className="stack tight">
        <h3>Who would see something else</h3>
        {population ? (
          <Lines
            name="draft-effect"
            lines={[
              `${said(population.moved.rows, population.moved.share, population.rows)} see something else`,
              ...population.flags.flatMap((one) => moved(one, population.rows)),
            ]}
            label="Who would see something else by the draft"
          />
        ) : (
          <p className="soft">Open a file of people in Audiences and flags, and they are counted here.</p>
        )}
      </section>
    </div>
  );
}

const got = ({ variant }: FlagEffect['moves'][number]['before']): string => variant ?? 'the code fallback';

/** A flag, and from what to what its people go. */
function moved({ flag, changed, lacks, moves }: FlagEffect, rows: number): string[] {
  return [
    `${flag}: ${said(changed.rows, changed.share, rows)} get another value`,
    ...moves.slice(0, 8).map(({ before, after, rows: some, share }) => `  ${got(before)} → ${got(after)}: ${said(some, share, rows)}`),
    ...(lacks.length > 0 ? [`  not known without: ${lacks.join(', ')}`] : []),
  ];
}

/** Where ids were made up, the share alone is known. */
const said = (some: number | undefined, share: number, rows: number): string =>
  some === undefined
    ? `an expected ${percent(share, 1)} of ${count(rows)} people`
    : `${count(some)} of ${count(rows)} people (${percent(some, rows)})`;
