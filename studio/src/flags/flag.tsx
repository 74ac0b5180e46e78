/** One flag: what it serves, to whom, when, and what a change of it would do. */

import { Text, useWritten } from '../audiences/text.js';
import type { Finding, ModelFlag } from '../engine/engine.js';
import { useDraftState } from '../engine/use-draft.js';
import { isEntries } from '../rules/value.js';
import { href } from '../shell/address.js';
import { useRules } from '../shell/session.js';
import { LinkButton } from '../ui/button.js';
import { Empty } from '../ui/empty.js';
import { Findings } from '../ui/error.js';
import { Panel } from '../ui/panel.js';
import { Tag } from '../ui/tag.js';
import { Change } from './change.js';
import { useAgainst } from './figures.js';
import './flags.css';
import { Phases } from './phases.js';
import { Planner } from './planner.js';
import { Rules } from './rules.js';
import { Traffic } from './traffic.js';
import { Variants } from './variants.js';
import { findingsAt, flagPath, pathOf, type Shown } from './written.js';

const NO_RULES = { files: {}, base: {}, source: { kind: 'sample' } } as const;

export default function Flag({ flagKey }: { readonly flagKey: string }) {
  const rules = useRules() ?? NO_RULES;
  const { draft } = useDraftState();
  const against = useAgainst(rules);
  const { files, broken, value, place, text } = useWritten(rules, flagPath(flagKey));
  const { model } = draft ?? {};
  const flag = model?.flags.find(({ key }) => key === flagKey);
  const found = [...(draft?.findings ?? []), ...against];
  const source = text && (
    <Text key="text" name={flagKey} file={text.file} line={text.line} findings={found} files={rules.files} broken={broken} open />
  );
  if (!isEntries(value)) {
    return (
      <div className="stack flag">
        <Empty title={`No flag is called ${flagKey}`}>Choose one of the list, or look at the rules text: it may have been renamed.</Empty>
        {source}
      </div>
    );
  }
  if (!model || !flag) {
    return (
      <div className="stack flag">
        <h2 className="flag-title">{flagKey}</h2>
        <Mended findings={found.filter(({ file }) => file === place?.file)} />
        <p className="soft">It is shown here once the rules have no errors.</p>
        {source}
      </div>
    );
  }
  const shown: Shown = { files, model, flag };
  const experiment = model.experiments.find(({ key }) => key === flag.experiment);
  const beside = findingsAt(found, files, pathOf(shown, 'rules'));
  const inFile = found.filter((one) => one.file === place?.file && !beside.includes(one));
  const inPlace = experiment ? findingsAt(found, files, ['experiments', experiment.key]) : [];
  return (
    <div className="stack flag">
      <Head flag={flag} environment={model.environments.length > 1 ? model.environment : undefined} />
      <Mended findings={inFile.filter((one) => !inPlace.includes(one))} />
      <div className="stack" inert={broken !== undefined}>
        <Panel title="Who sees what" note="At any moment; and who would see something else.">
          <Change rules={rules} flag={flag} />
        </Panel>
        <Panel title="Rules" note="Tried from the top: the first that applies decides.">
          <Rules shown={shown} findings={beside} />
        </Panel>
        {experiment && (
          <Panel
            title={`Experiment ${experiment.key}`}
            note="Who gets which variant, in which period, and of which share of people."
            actions={
              <LinkButton small href={href({ place: 'results', experiment: experiment.key })}>
                Read its results
              </LinkButton>
            }
          >
            <Phases shown={shown} experiment={experiment} base={rules.base} findings={inPlace} />
            <Traffic shown={shown} experiment={experiment} />
          </Panel>
        )}
        {experiment && (
          <Panel title="How long, or what can be found" note="By the interval that results are read by.">
            <Planner shown={shown} experiment={experiment} />
          </Panel>
        )}
        <Panel title="Variants">
          <Variants shown={shown} />
        </Panel>
      </div>
      {source}
    </div>
  );
}

function Head({ flag, environment }: { readonly flag: ModelFlag; readonly environment: string | undefined }) {
  const { key, type, enabled, description, replaced } = flag;
  return (
    <div>
      <h2 className="flag-title">
        {key} <Tag>{type}</Tag> {!enabled && <Tag tone="unsure">off</Tag>}
      </h2>
      {description && <p className="soft">{description}</p>}
      {environment !== undefined && replaced.length > 0 && (
        <p className="soft" data-replaced>
          In {environment} it has its own {replaced.join(', ')}: changes here are for {environment} alone.
        </p>
      )}
    </div>
  );
}

function Mended({ findings }: { readonly findings: readonly Finding[] }) {
  const [first] = findings;
  if (!first) return null;
  return (
    <Panel title={`${findings.length === 1 ? 'One finding' : `${findings.length} findings`} in ${first.file}`}>
      <Findings findings={findings} />
    </Panel>
  );
}
