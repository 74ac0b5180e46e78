/** What somebody drafts here and has not saved: whether it compiles, what it changes, and for whom of their own file. */

import { identityOf, useAsked } from '../audiences/asked.js';
import { engine } from '../engine/engine.js';
import { useDraftState } from '../engine/use-draft.js';
import { changedFiles, changedPaths } from '../files/changed.js';
import { useAudience } from '../people/people.js';
import { type Rules, useRules } from '../shell/session.js';
import { Counting } from '../ui/counting.js';
import { ErrorNote, Findings } from '../ui/error.js';
import { Panel } from '../ui/panel.js';
import { Tag } from '../ui/tag.js';
import { Compared } from './compared.js';

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
            <Compared
              diff={diff}
              name="draft-"
              what="the draft"
              nobody="Open a file of people in Audiences and flags, and they are counted here."
            />
          </Counting>
        )}
      </div>
    </Panel>
  );
}
