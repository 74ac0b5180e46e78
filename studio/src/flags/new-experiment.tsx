/** Makes an experiment of a flag: who is divided, how, from when, and by what it is decided. */

import { useState } from 'react';
import { named } from '../audiences/new-segment.js';
import { keys } from '../rules/rules.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { Select } from '../ui/select.js';
import { Percent } from './percent.js';
import { evenly, newExperiment, type Wanted } from './phase.js';
import { change, dateText, inputOf, percentText, share, type Shown, tomorrow } from './written.js';

export function NewExperiment({ shown }: { readonly shown: Shown }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button small onPress={() => setOpen(true)}>
        New experiment
      </Button>
      {isOpen && <Asked shown={shown} onClose={() => setOpen(false)} />}
    </>
  );
}

const EVERYBODY = '';
type Fields = Omit<Wanted, 'split'>;
type Split = Wanted['split'];

function Asked({ shown, onClose }: { readonly shown: Shown; readonly onClose: () => void }) {
  const { files, model, flag } = shown;
  const [split, setSplit] = useState<Split>();
  const parts = split ?? evenly(flag.variants);
  const [wanted, setWanted] = useState<Fields>(() => ({
    key: freeName(shown),
    hypothesis: '',
    unit: keys(files, ['units'])[0] ?? '',
    segment: EVERYBODY,
    metric: keys(files, ['metrics'])[0] ?? '',
    layer: '',
    range: '',
    from: inputOf(tomorrow()),
    coverage: '100%',
  }));
  const put = (some: Partial<Fields>): void => setWanted((before) => ({ ...before, ...some }));
  const key = named(wanted.key);
  const isTaken = model.experiments.some((one) => one.key === key);
  const wrong = key === '' ? 'Name it with letters or digits.' : isTaken ? 'There is one of this name.' : undefined;
  const make = (): void => {
    if (wrong || !wanted.from) return;
    const taking = Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== '0%'));
    if (change(files, () => newExperiment(shown, { ...wanted, key, from: dateText(wanted.from), split: taking }))) onClose();
  };
  return (
    <Dialog
      title={`New experiment of ${flag.key}`}
      isOpen
      wide
      keeps
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={wrong !== undefined || !wanted.from} onPress={make}>
            Make it
          </Button>
        </>
      }
    >
      <Field
        label="Name"
        value={wanted.key}
        onChange={(text) => put({ key: text })}
        error={wrong}
        hint={`In the rules: ${key}`}
        autoFocus
      />
      <Field
        label="Hypothesis"
        lines={2}
        value={wanted.hypothesis}
        onChange={(hypothesis) => put({ hypothesis })}
        hint="What do you expect to change, and why?"
      />
      <Shares variants={flag.variants} parts={parts} onChange={setSplit} />
      <Who shown={shown} wanted={wanted} put={put} />
      <When shown={shown} wanted={wanted} put={put} />
      <p className="soft">It is a rule behind the flag’s others, and a draft until it is released.</p>
    </Dialog>
  );
}

interface SharesProps {
  readonly variants: readonly string[];
  readonly parts: Split;
  /** Undefined: evenly. */
  readonly onChange: (split: Split | undefined) => void;
}

const Shares = ({ variants, parts, onChange }: SharesProps) => (
  <div className="row end">
    {variants.map((name) => (
      <Percent
        key={name}
        label={`Split: ${name}`}
        width="8rem"
        value={share(parts[name] ?? '0%')}
        onChange={(percent) => onChange({ ...parts, [name]: percent })}
      />
    ))}
    <Button small onPress={() => onChange(undefined)}>
      Divide evenly
    </Button>
  </div>
);

interface PartProps {
  readonly shown: Shown;
  readonly wanted: Fields;
  readonly put: (some: Partial<Fields>) => void;
}

const Who = ({ shown: { files, model }, wanted, put }: PartProps) => (
  <div className="row end">
    <Select
      label="For"
      value={wanted.segment}
      options={[
        { value: EVERYBODY, name: 'everybody' },
        ...model.segments.map((segment) => ({ value: segment.key, name: `segment ${segment.key}` })),
      ]}
      onChange={(segment) => put({ segment })}
    />
    <Select
      label="Divided by"
      value={wanted.unit}
      options={keys(files, ['units'])}
      onChange={(unit) => put({ unit, layer: '', range: '' })}
    />
    <Percent
      label="Coverage"
      width="8rem"
      hint="Of those it is for"
      value={share(wanted.coverage)}
      onChange={(coverage) => put({ coverage })}
    />
  </div>
);

function When({ shown: { files, model }, wanted, put }: PartProps) {
  const free = model.layers
    .filter(({ unit }) => unit === wanted.unit)
    .flatMap(({ key: layer, ranges }) =>
      ranges
        .filter(({ experiment, until }) => experiment === undefined && until === undefined)
        .map(({ from, to }) => ({ layer, range: `${percentText(from)}-${percentText(to)}` })),
    );
  return (
    <div className="row end">
      <Field
        label="Starts (UTC)"
        type="datetime-local"
        width="13rem"
        value={wanted.from}
        onChange={(from) => put({ from })}
        error={wanted.from ? undefined : 'Say when'}
      />
      <Select
        label="Decided by"
        value={wanted.metric}
        options={[...keys(files, ['metrics']), { value: '', name: 'no metric yet' }]}
        onChange={(metric) => put({ metric })}
      />
      <Select
        label="Shares traffic with others"
        value={`${wanted.layer} ${wanted.range}`.trim()}
        options={[
          { value: '', name: 'no: everybody may be in it' },
          ...free.map(({ layer, range }) => ({ value: `${layer} ${range}`, name: `layer ${layer}, ${range} is free` })),
        ]}
        onChange={(chosen) => {
          const [layer = '', range = ''] = chosen.split(' ');
          put({ layer, range });
        }}
      />
    </div>
  );
}

/** The flag's name, or with a number behind. */
function freeName({ model, flag }: Shown): string {
  const taken = new Set(model.experiments.map(({ key }) => key));
  let name = flag.key;
  for (let at = 2; taken.has(name); at++) name = `${flag.key}-${at}`;
  return name;
}
