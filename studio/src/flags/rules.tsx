/** The rules of a flag, in the order in which they are tried: the first that applies decides. */

import { lazy, Suspense, useState } from 'react';
import type { Finding, ModelRule } from '../engine/engine.js';
import { conditionOf, setCondition } from '../rules/condition.js';
import { get, insert, keys, move, remove, set } from '../rules/rules.js';
import type { Files } from '../shell/session.js';
import { Button } from '../ui/button.js';
import { Menu } from '../ui/menu.js';
import { Select } from '../ui/select.js';
import { Tag } from '../ui/tag.js';
import { Found } from './found.js';
import { NewExperiment } from './new-experiment.js';
import { Period } from './period.js';
import { Ramp } from './ramp.js';
import { inWords } from './words.js';
import { change, dateText, day, findingsAt, pathOf, percentText, type Rule, rulesOf, type Shown, text, tomorrow } from './written.js';

const EVERYBODY = 'everybody';
const OTHERS = 'conditions';

const ConditionEditor = lazy(() => import('../audiences/condition-editor.js'));

export interface RulesProps {
  readonly shown: Shown;
  readonly findings: readonly Finding[];
}

export function Rules({ shown, findings }: RulesProps) {
  const { files, flag } = shown;
  const path = pathOf(shown, 'rules');
  const rules = rulesOf(path, get(files, path));
  const [open, setOpen] = useState<string>();
  const add = (): void => {
    const ids = new Set(rules.map(({ id }) => id));
    let id = 'new-rule';
    for (let at = 2; ids.has(id); at++) id = `new-rule-${at}`;
    change(files, (all) => insert(all, path, rules.length, { id, serve: another(shown) }));
    setOpen(id);
  };
  return (
    <div className="stack tight">
      <ol className="stack tight flag-rules">
        {rules.map((rule, at) => (
          <li key={rule.id} className="flag-rule" data-rule={rule.id}>
            <div className="row between">
              <button
                type="button"
                className="flag-told"
                aria-expanded={open === rule.id}
                onClick={() => setOpen(open === rule.id ? undefined : rule.id)}
              >
                <span className="soft">{at + 1}.</span> <Told files={files} rule={rule} told={toldOf(shown, rule)} />
              </button>
              <Menu
                small
                label={`Rule ${rule.id}`}
                items={[
                  { key: 'up', name: 'Try it earlier', disabled: at === 0, run: () => change(files, (all) => move(all, path, at, at - 1)) },
                  {
                    key: 'down',
                    name: 'Try it later',
                    disabled: at === rules.length - 1,
                    run: () => change(files, (all) => move(all, path, at, at + 1)),
                  },
                  { key: 'remove', name: 'Remove it', danger: true, run: () => change(files, (all) => remove(all, rule.path)) },
                ]}
              />
            </div>
            <Found findings={findingsAt(findings, files, rule.path)} />
            {open === rule.id && <RuleFields shown={shown} rule={rule} />}
          </li>
        ))}
        <li className="flag-rule">
          <span className="soft">Otherwise</span> serve <strong>{flag.default}</strong>
        </li>
      </ol>
      <div className="row">
        <Button small onPress={add}>
          Add a rule
        </Button>
        {flag.experiment === undefined && <NewExperiment shown={shown} />}
      </div>
    </div>
  );
}

/** What the snapshot has of a rule; nothing while its text has errors or is another's. */
const toldOf = ({ flag }: Shown, rule: Rule): ModelRule | undefined =>
  flag.rules.find(({ id, does, serves }) => id === rule.id && does === rule.does && serves === text(rule.value[does]));

/** A rule in a sentence. */
function Told({ files, rule, told }: { readonly files: Files; readonly rule: Rule; readonly told: ModelRule | undefined }) {
  const { value, does } = rule;
  const who = value.if === undefined ? 'everybody' : inWords(conditionOf(files, [...rule.path, 'if']));
  const { from, to, ramp } = told ?? {};
  const when = [from !== undefined && `from ${day(from)}`, to !== undefined && `until ${day(to)}`].filter(Boolean).join(' ');
  return (
    <>
      <span>
        {value.if === undefined ? 'For everybody' : `If ${who}`}:{' '}
        {does === 'serve' && (
          <>
            serve <strong>{text(value.serve)}</strong>
          </>
        )}
        {does === 'experiment' && (
          <>
            experiment <strong>{text(value.experiment)}</strong>
          </>
        )}
        {does === 'ramp' && (
          <>
            ramp up <strong>{text(value.ramp)}</strong>
            {ramp && ` to ${ramp.steps.map((step) => percentText(step.share).replace('%', ' %')).join(', ')}`}
          </>
        )}
        {does === 'nothing' && 'nothing yet'}
      </span>{' '}
      {when && <Tag>{when}</Tag>} {ramp?.paused !== undefined && <Tag tone="unsure">paused</Tag>} <code className="soft">{rule.id}</code>
    </>
  );
}

function RuleFields({ shown, rule }: { readonly shown: Shown; readonly rule: Rule }) {
  const { files } = shown;
  const { path, value, does } = rule;
  const write = (name: string, next: string | undefined): void => {
    change(files, (all) => (next ? set(all, [...path, name], next) : remove(all, [...path, name])));
  };
  const date = (name: string, next: string): void => {
    if (next || value[name] !== undefined) write(name, next ? dateText(next) : undefined);
  };
  return (
    <div className="stack flag-fields">
      <div className="row end">
        <Action shown={shown} rule={rule} />
        <Period of={value} onChange={date} />
        <Select
          label="Where it is not known"
          value={text(value.onUnknown) || 'skip'}
          options={[
            { value: 'skip', name: 'try the next rule' },
            { value: 'stop', name: 'serve what is served when off' },
          ]}
          onChange={(next) => write('onUnknown', next)}
        />
      </div>
      {does === 'ramp' && <Ramp files={files} rule={rule} ramp={toldOf(shown, rule)?.ramp} />}
      <Who shown={shown} rule={rule} />
    </div>
  );
}

/** Whom it is for: everybody, a segment, or a condition that is built here. */
function Who({ shown: { files, model }, rule }: { readonly shown: Shown; readonly rule: Rule }) {
  const path = [...rule.path, 'if'];
  const condition = rule.value.if === undefined ? undefined : conditionOf(files, path);
  const segments = keys(files, ['segments']);
  const now = condition === undefined ? EVERYBODY : condition.kind === 'segment' ? `segment ${condition.name}` : OTHERS;
  const choose = (next: string): void => {
    if (next === EVERYBODY) change(files, (all) => remove(all, path));
    else if (next.startsWith('segment ')) change(files, (all) => set(all, path, { segment: next.slice('segment '.length) }));
    else if (condition?.kind !== 'all') {
      const [attribute = 'country'] = Object.keys(model.attributes);
      change(files, (all) => set(all, path, { [attribute]: { exists: true } }));
    }
  };
  return (
    <div className="stack tight">
      <Select
        label="For"
        width="min(20rem, 100%)"
        value={now}
        options={[
          { value: EVERYBODY, name: 'everybody' },
          ...segments.map((name) => ({ value: `segment ${name}`, name: `segment ${name}` })),
          { value: OTHERS, name: 'who meets conditions' },
        ]}
        onChange={choose}
      />
      {condition && now === OTHERS && (
        <Suspense fallback={<p role="status">Loading…</p>}>
          <ConditionEditor
            label="Who gets it"
            condition={condition}
            model={model}
            onChange={(next) => change(files, (all) => setCondition(all, path, next))}
            counts
          />
        </Suspense>
      )}
    </div>
  );
}

/** What a rule begins with: a variant that is not served anyway. */
function another(shown: Shown): string {
  const { variants } = shown.flag;
  const anyway = text(get(shown.files, pathOf(shown, 'default')));
  return variants.filter((name) => name !== anyway).at(-1) ?? variants[0] ?? 'on';
}

/** What the rule does, and with which variant or experiment. */
function Action({ shown, rule }: { readonly shown: Shown; readonly rule: Rule }) {
  const { files, model, flag } = shown;
  const { path, value, does } = rule;
  const { variants } = flag;
  // One that a rule names is named by no other.
  const free = model.experiments.filter((one) => one.flag === undefined).map(({ key }) => key);
  const own = does === 'experiment' ? [text(value.experiment)] : [];
  const become = (next: string): void => {
    change(files, (all) => {
      if (next === does) return all;
      let changed = all;
      for (const name of ['serve', 'experiment', 'ramp', 'steps', 'guard', 'paused', 'unit', 'salt']) {
        if (value[name] !== undefined) changed = remove(changed, [...path, name]);
      }
      if (next === 'serve') return set(changed, [...path, 'serve'], another(shown));
      if (next === 'experiment') return set(changed, [...path, 'experiment'], free[0] ?? '');
      const ramped = set(changed, [...path, 'ramp'], another(shown));
      const unit = set(ramped, [...path, 'unit'], keys(files, ['units'])[0] ?? 'visitor');
      return set(
        unit,
        [...path, 'steps'],
        [
          { to: '10%', at: tomorrow() },
          { to: '50%', after: '7d' },
          { to: '100%', after: '7d' },
        ],
      );
    });
  };
  return (
    <>
      <Select
        label="It"
        value={does}
        options={[
          { value: 'serve', name: 'serves a variant' },
          { value: 'ramp', name: 'ramps a variant up' },
          { value: 'experiment', name: 'runs an experiment', disabled: own.length + free.length === 0 },
        ]}
        onChange={become}
      />
      {(does === 'serve' || does === 'ramp') && (
        <Select
          label="Variant"
          value={text(value[does])}
          options={variants}
          onChange={(next) => change(files, (all) => set(all, [...path, does], next))}
        />
      )}
      {does === 'experiment' && (
        <Select
          label="Experiment"
          value={text(value.experiment)}
          options={[...own, ...free]}
          onChange={(next) => change(files, (all) => set(all, [...path, 'experiment'], next))}
        />
      )}
    </>
  );
}
