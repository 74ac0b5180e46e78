/** Who may enter an experiment: the layer's ranges, of which others have some, coverage, and what a holdout keeps. */

import { useState } from 'react';
import type { ModelExperiment, ModelRange } from '../engine/engine.js';
import { get, set } from '../rules/rules.js';
import { Field } from '../ui/field.js';
import { exactly } from '../ui/numbers.js';
import { areRanges, change, percentText, type Shown, text } from './written.js';

type Kind = 'own' | 'other' | 'resting' | 'free';

interface TrafficProps {
  readonly shown: Shown;
  readonly experiment: ModelExperiment;
}

export function Traffic({ shown, experiment }: TrafficProps) {
  const { model, flag } = shown;
  const { key, held, phases, running } = experiment;
  const layer = model.layers.find((one) => one.key === experiment.layer);
  const phase = phases[running ?? phases.length - 1];
  const coverage = phase?.coverage ?? 1;
  return (
    <section className="stack tight" aria-label={`Traffic of ${key}`}>
      <h3>Traffic</h3>
      <p>
        <strong>{exactly(phase?.traffic ?? 0)}</strong> of those whom the rule admits enter {key}
        {phase && ` in phase ${phase.id}`}.
      </p>
      {held > 0 && (
        <Bar
          label={`Holdout ${flag.holdout}`}
          parts={[
            { name: `held out ${percentText(held)}`, size: held, kind: 'resting' },
            { name: 'not held out', size: 1 - held, kind: 'own' },
          ]}
        />
      )}
      {layer && <Bar label={`Layer ${layer.key}`} parts={layer.ranges.map((range) => partOf(range, key))} />}
      <Bar
        label="Coverage"
        parts={[
          { name: `takes part ${percentText(coverage)}`, size: coverage, kind: 'own' },
          { name: 'not yet', size: 1 - coverage, kind: 'free' },
        ]}
      />
      {layer && <Ranges shown={shown} experiment={key} layer={layer.key} />}
    </section>
  );
}

const partOf = ({ from, to, experiment, until }: ModelRange, own: string): Part => {
  const name = experiment ?? (until === undefined ? 'free' : 'resting');
  const kind = experiment === undefined ? (until === undefined ? 'free' : 'resting') : experiment === own ? 'own' : 'other';
  return { name: `${name} ${percentText(from)}–${percentText(to)}`, size: to - from, kind };
};

/** The ranges as text, taken once they are ranges. */
function Ranges({ shown: { files }, experiment, layer }: { readonly shown: Shown; readonly experiment: string; readonly layer: string }) {
  const path = ['experiments', experiment, 'layer', layer];
  const written = get(files, path);
  const now = (Array.isArray(written) ? written : [written ?? '']).map((value) => text(value)).join(', ');
  const [typed, setTyped] = useState<string>();
  return (
    <Field
      label={`Ranges in ${layer}`}
      width="14rem"
      mono
      value={typed ?? now}
      error={areRanges(typed ?? now) ? undefined : 'Such as 0%-40%, 60%-80%'}
      onChange={(value) => {
        setTyped(value);
        if (!areRanges(value)) return;
        const next = value.split(',').map((part) => part.trim());
        change(files, (all) => set(all, path, next));
        setTyped(undefined);
      }}
    />
  );
}

interface Part {
  readonly name: string;
  readonly size: number;
  readonly kind: Kind;
}

interface BarProps {
  readonly label: string;
  readonly parts: readonly Part[];
}

function Bar({ label, parts }: BarProps) {
  const shown = parts.filter(({ size }) => size > 0);
  return (
    <div className="flag-traffic">
      <span className="soft">{label}</span>
      <div className="flag-bar" role="img" aria-label={`${label}: ${shown.map(({ name }) => name).join(', ')}`}>
        {shown.map(({ name, size, kind }) => (
          <span key={name} data-kind={kind} style={{ flexGrow: size }} title={name}>
            {name}
          </span>
        ))}
      </div>
    </div>
  );
}
