/** One flag: what it serves, to whom, when, and what a change of it would do. */

import { Text } from '../audiences/text.js';
import { useDraft } from '../engine/use-draft.js';
import { get, where } from '../rules/rules.js';
import { href } from '../shell/address.js';
import { isEntries } from '../rules/value.js';
import { useRules } from '../shell/session.js';
import { LinkButton } from '../ui/button.js';
import { Empty } from '../ui/empty.js';
import { Findings } from '../ui/error.js';
import { Panel } from '../ui/panel.js';
import { Tag } from '../ui/tag.js';
import { Change } from './change.js';
import './flags.css';
import { Planner } from './planner.js';
import { Rules } from './rules.js';
import { lastPhase, Traffic } from './traffic.js';
import { Variants } from './variants.js';
import { entries, flagPath, rulesOf, share, text, variantsOf } from './written.js';

export default function Flag({ flagKey }: { readonly flagKey: string }) {
  const rules = useRules();
  const draft = useDraft();
  if (!rules) return null;
  const { files } = rules;
  const value = get(files, flagPath(flagKey));
  if (!isEntries(value)) {
    return (
      <Empty title={`No flag is called ${flagKey}`}>Choose one of the list, or look at the rules text: it may have been renamed.</Empty>
    );
  }
  const experiment = rulesOf(flagKey, value).find(({ does }) => does === 'experiment');
  const name = experiment && text(experiment.value.experiment);
  const holdout = value.holdout === undefined ? undefined : text(value.holdout);
  const split = name === undefined ? undefined : entries(lastPhase(files, name)?.value.split);
  const planned = split && Object.fromEntries(Object.entries(split).map(([variant, part]) => [variant, share(part) ?? 0]));
  const place = where(files, flagPath(flagKey));
  const found = (draft?.findings ?? []).filter(({ file }) => file === place?.file);
  return (
    <div className="stack flag">
      <div>
        <h2 className="flag-title">
          {flagKey} <Tag>{text(value.type)}</Tag> {value.enabled === false && <Tag tone="unsure">off</Tag>}
        </h2>
        {typeof value.description === 'string' && <p className="soft">{value.description}</p>}
      </div>
      {found.length > 0 && (
        <Panel title={`${found.length === 1 ? 'One finding' : `${found.length} findings`} in ${place?.file}`}>
          <Findings findings={found} />
        </Panel>
      )}
      <Panel title="Who sees what" note="At any moment; and who would see something else.">
        <Change rules={rules} flagKey={flagKey} variants={variantsOf(value)} {...(planned && { planned })} />
      </Panel>
      <Panel title="Rules" note="Tried from the top: the first that applies decides.">
        <Rules files={files} flagKey={flagKey} flag={value} model={draft?.model} />
      </Panel>
      {name !== undefined && (
        <Panel
          title={`Traffic of ${name}`}
          note="Experiments in one layer exclude each other."
          actions={
            <LinkButton small href={href({ place: 'results', experiment: name })}>
              Read its results
            </LinkButton>
          }
        >
          <Traffic files={files} experiment={name} holdout={holdout} />
        </Panel>
      )}
      {name !== undefined && (
        <Panel title="How long, or what can be found" note="By the interval that results are read by.">
          <Planner files={files} experiment={name} holdout={holdout} />
        </Panel>
      )}
      <Panel title="Variants">
        <Variants files={files} flagKey={flagKey} flag={value} />
      </Panel>
      {place && <Text name={flagKey} file={place.file} line={place.line} findings={draft?.findings ?? []} files={files} open />}
    </div>
  );
}
