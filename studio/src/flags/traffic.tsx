/** Who may enter an experiment: the layer's ranges, of which others have some, coverage, and what a holdout keeps. */

import { get, keys, set } from '../rules/rules.js';
import type { Files } from '../shell/session.js';
import { Field } from '../ui/field.js';
import { useState } from 'react';
import { Percent } from './percent.js';
import { change, entries, list, percentText, rangeOf, share, text } from './written.js';

export interface Range {
  readonly from: number;
  readonly to: number;
  /** The experiment that has it; none where it rests or is free. */
  readonly of: string;
  readonly kind: 'own' | 'other' | 'resting' | 'free';
}

/** What an experiment's layer is called; undefined if it is in none. */
export const layerOf = (files: Files, experiment: string): string | undefined =>
  Object.keys(entries(get(files, ['experiments', experiment, 'layer'])))[0];

/** A layer from 0 to 1, without gaps. */
export function rangesOf(files: Files, layer: string, own: string): readonly Range[] {
  const taken: Range[] = keys(files, ['experiments']).flatMap((experiment) => {
    const written = get(files, ['experiments', experiment, 'layer', layer]);
    const kind = experiment === own ? ('own' as const) : ('other' as const);
    return list(Array.isArray(written) ? written : written === undefined ? [] : [written]).flatMap((value) => {
      const found = rangeOf(value);
      return found ? [{ from: found[0], to: found[1], of: experiment, kind }] : [];
    });
  });
  for (const written of Object.keys(entries(get(files, ['layers', layer, 'resting'])))) {
    const found = rangeOf(written);
    if (found) taken.push({ from: found[0], to: found[1], of: 'resting', kind: 'resting' });
  }
  taken.sort((one, other) => one.from - other.from);
  const all: Range[] = [];
  let at = 0;
  for (const range of taken) {
    if (range.from > at) all.push({ from: at, to: range.from, of: 'free', kind: 'free' });
    all.push(range);
    at = Math.max(at, range.to);
  }
  if (at < 1) all.push({ from: at, to: 1, of: 'free', kind: 'free' });
  return all;
}

/** The share of all units that an experiment may take: of its ranges in the layer, or everybody. */
export function layerShare(files: Files, experiment: string): number {
  const layer = layerOf(files, experiment);
  if (layer === undefined) return 1;
  const own = rangesOf(files, layer, experiment).filter(({ kind }) => kind === 'own');
  return own.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** The phase that was written last, and where. */
export function lastPhase(
  files: Files,
  experiment: string,
): { readonly at: number; readonly value: ReturnType<typeof entries> } | undefined {
  const phases = list(get(files, ['experiments', experiment, 'phases']));
  return phases.length > 0 ? { at: phases.length - 1, value: entries(phases.at(-1)) } : undefined;
}

export function Traffic({
  files,
  experiment,
  holdout,
}: {
  readonly files: Files;
  readonly experiment: string;
  readonly holdout: string | undefined;
}) {
  const layer = layerOf(files, experiment);
  const ranges = layer === undefined ? [] : rangesOf(files, layer, experiment);
  const phase = lastPhase(files, experiment);
  const coverage = share(phase?.value.coverage ?? '100%') ?? 1;
  const held = holdout === undefined ? 0 : (share(get(files, ['holdouts', holdout, 'share'])) ?? 0);
  const whole = layerShare(files, experiment) * coverage * (1 - held);
  const path = ['experiments', experiment, 'phases', phase?.at ?? 0, 'coverage'];
  return (
    <div className="stack tight">
      <p>
        <strong>{Number((whole * 100).toFixed(2))} %</strong> of those whom the rule admits enter {experiment}.
      </p>
      {held > 0 && (
        <Bar
          label={`Holdout ${holdout}`}
          parts={[
            { name: `held out ${percentText(held)}`, size: held, kind: 'resting' },
            { name: 'not held out', size: 1 - held, kind: 'own' },
          ]}
        />
      )}
      {layer !== undefined && (
        <Bar
          label={`Layer ${layer}`}
          parts={ranges.map(({ from, to, of, kind }) => ({ name: `${of} ${percentText(from)}–${percentText(to)}`, size: to - from, kind }))}
        />
      )}
      <Bar
        label="Coverage"
        parts={[
          { name: `takes part ${percentText(coverage)}`, size: coverage, kind: 'own' },
          { name: 'not yet', size: 1 - coverage, kind: 'free' },
        ]}
      />
      <div className="row end">
        {layer !== undefined && <Ranges files={files} experiment={experiment} layer={layer} />}
        {phase && (
          <Percent
            label={`Coverage of phase ${text(phase.value.id)}`}
            width="9rem"
            hint="Of a started phase it may only rise"
            value={coverage}
            onChange={(percent) => change(files, (all) => set(all, path, percent))}
          />
        )}
      </div>
    </div>
  );
}

/** The ranges as text, taken once they are ranges. */
function Ranges({ files, experiment, layer }: { readonly files: Files; readonly experiment: string; readonly layer: string }) {
  const path = ['experiments', experiment, 'layer', layer];
  const written = get(files, path);
  const now = (Array.isArray(written) ? written : [written ?? '']).map((value) => text(value)).join(', ');
  const [typed, setTyped] = useState<string>();
  const parts = (typed ?? now).split(',').map((part) => part.trim());
  const isWrong = parts.some((part) => !rangeOf(part));
  return (
    <Field
      label={`Ranges in ${layer}`}
      width="14rem"
      mono
      value={typed ?? now}
      error={isWrong ? 'Such as 0%-40%, 60%-80%' : undefined}
      hint="Ranges of a started experiment stay"
      onChange={(value) => {
        setTyped(value);
        const next = value.split(',').map((part) => part.trim());
        if (next.every((part) => rangeOf(part))) {
          change(files, (all) => set(all, path, next));
          setTyped(undefined);
        }
      }}
    />
  );
}

interface BarProps {
  readonly label: string;
  readonly parts: readonly { readonly name: string; readonly size: number; readonly kind: Range['kind'] }[];
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
