/** One visitor: who is looking, what each flag evaluates to for them, and why. Nothing here makes an exposure. */

import './preview.css';
import { useEffect, useMemo, useRef } from 'react';
import type { Explanations } from 'waft/studio';
import { PERSONAS } from '../../../www/src/personas.js';
import { type Asked, identityOf, useAsked } from '../audiences/asked.js';
import { LISTED, useReached } from '../audiences/reached.js';
import { type Draft, engine } from '../engine/engine.js';
import { useDraftState } from '../engine/use-draft.js';
import { useAudience } from '../people/people.js';
import { go, href, useAddress } from '../shell/address.js';
import { config } from '../shell/config.js';
import { useRules } from '../shell/session.js';
import { Button, LinkButton } from '../ui/button.js';
import { Counting } from '../ui/counting.js';
import { ErrorNote } from '../ui/error.js';
import { Figure, people as inPeople } from '../ui/figure.js';
import { Opening } from '../ui/opening.js';
import { Panel } from '../ui/panel.js';
import { Progress } from '../ui/progress.js';
import { Flags, isOwn, REASONS, type Row } from './flags.js';
import { Shop } from './shop.js';
import { Trace } from './trace.js';
import { Visitor } from './visitor.js';
import { meet, useWho, type Who } from './who.js';

/** Every flag for the visitor, by the draft. */
function useExplained(context: Who['context'], draft: Draft | undefined): Asked<Explanations> {
  return useAsked(draft?.model && `${identityOf(draft)} ${JSON.stringify(context)}`, '', () => engine.explain(context));
}

const nameOf = ({ persona, context }: Who): string =>
  PERSONAS.find(({ id }) => id === persona)?.name ?? String((context as Record<string, unknown>).visitorId ?? 'this visitor');

export default function Preview() {
  const { draft, error: uncompiled } = useDraftState();
  const rules = useRules();
  const { flag } = useAddress();
  const who = useWho();
  const { value: told, error, pending } = useExplained(who.context, draft);
  const { report } = useAudience();
  const { reached, pending: isCounting } = useReached(useMemo(() => Object.keys(told?.flags ?? {}).slice(0, LISTED), [told]));
  const rows = useMemo(
    (): Row[] =>
      Object.entries(told?.flags ?? {}).map(([key, one]) => ({
        flag: key,
        told: one,
        people: reached[key] && (reached[key][one.variant ?? ''] ?? 0),
      })),
    [told, reached],
  );
  const own = rows.filter((row) => isOwn(row.told)).length;
  const errors = draft?.findings.filter(({ severity }) => severity === 'error').length ?? 0;

  if (!draft?.model || !told) {
    const refused = error?.message ?? uncompiled;
    if (refused)
      return (
        <ErrorNote title="The flags could not be evaluated." remedy="Undo the last change, or reload the page.">
          {refused}
        </ErrorNote>
      );
    if (errors > 0) return <Broken errors={errors} />;
    return <Progress label="Reading the rules" />;
  }
  return (
    <>
      <Opening
        figure={
          <Counting isPending={pending}>
            <Figure value={`${own} of ${rows.length}`} sample={rules?.source.kind === 'sample'}>
              {rows.length === 1 ? 'flag is' : 'flags are'} decided for {nameOf(who)} by a rule; the others have their default.
            </Figure>
          </Counting>
        }
        action={
          <Button kind="primary" onPress={meet}>
            New visitor
          </Button>
        }
      />
      {errors > 0 && <Broken errors={errors} />}
      <div className={config.shop ? 'preview with-shop' : 'preview'}>
        <Visitor model={draft.model} />
        {config.shop && (
          <div className="shop-side">
            <Shop context={who.context} />
          </div>
        )}
        <div className="flags-side">
          <Panel
            title="Flags for this visitor"
            note={`By the draft${report ? `, and how many of ${inPeople(report.rows)} get the same` : ''}. Choose a flag to see why, or to change it.`}
          >
            {error && <ErrorNote title="The flags could not be evaluated.">{error.message}</ErrorNote>}
            <Counting isPending={pending || isCounting}>
              <Flags rows={rows} selected={flag} onOpen={(key) => go({ flag: key === flag ? undefined : key })} />
            </Counting>
          </Panel>
        </div>
        <Why row={rows.find((row) => row.flag === flag)} isPending={pending} />
      </div>
    </>
  );
}

function Broken({ errors }: { readonly errors: number }) {
  return (
    <ErrorNote
      tone="unsure"
      title={`The draft has ${errors === 1 ? 'an error' : `${errors} errors`}.`}
      remedy="What is shown is the last draft without errors."
      action={
        <LinkButton small href={href({ place: 'audiences' })}>
          Show where
        </LinkButton>
      }
    />
  );
}

/** The trace of the chosen flag, which comes into view. */
function Why({ row, isPending }: { readonly row: Row | undefined; readonly isPending: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const flag = row?.flag;
  const isFirst = useRef(true);
  useEffect(() => {
    // A link to a flag opens at the top of the page.
    if (flag !== undefined && !isFirst.current) box.current?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
    isFirst.current = false;
  }, [flag]);
  if (!row) return null;
  const { variant, reason, rule, trace, errorMessage, validUntil } = row.told;
  return (
    <div ref={box} className="why">
      <Panel
        title={`Why ${row.flag} is ${variant ?? 'the code fallback'}`}
        note={rule ? `${REASONS[reason] ?? reason}: ${rule}` : (REASONS[reason] ?? reason)}
        actions={
          <>
            <LinkButton small href={href({ place: 'audiences', flag: row.flag })}>
              Change this flag
            </LinkButton>
            <Button small kind="quiet" label="Close" onPress={() => go({ flag: undefined })}>
              ✕
            </Button>
          </>
        }
      >
        <Counting isPending={isPending}>
          <Trace entries={trace} />
        </Counting>
        {errorMessage && <p className="soft">{errorMessage}</p>}
        {validUntil && (
          <p className="soft">
            Time alone can change this at {new Date(validUntil).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}.
          </p>
        )}
      </Panel>
    </div>
  );
}
