/** A condition that people build: groups of all, any and not, and tests, each with how many people it holds for. All of it by keyboard, too. */

import './audiences.css';
import { useLayoutEffect, useRef } from 'react';
import { type Counted, engine, type Model } from '../engine/engine.js';
import type { Condition } from '../rules/condition.js';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import { count } from '../ui/numbers.js';
import { Share } from '../ui/share.js';
import { type Asked, useAsked, useBasis } from './asked.js';
import { aligned, type Figures, textOf } from './aligned.js';
import { Leaf } from './leaf.js';
import { PartMenu } from './part-menu.js';
import { appended, firstTest, grouped, replaced, type Spot, shifted, tidied } from './tree.js';

export interface ConditionEditorProps {
  /** What it decides: "Who is in it". */
  readonly label: string;
  readonly condition: Condition;
  readonly model: Model;
  readonly onChange: (condition: Condition) => void;
  /** Whether to count people; by default so. */
  readonly counts?: boolean;
  /** The segment whose condition it is: it cannot name itself. */
  readonly segment?: string;
}

/** What a change leads to: the part that is focused then. */
export type Change = (next: Condition, focus?: Spot) => void;

/** Counts a condition as it is written, in the draft or not. */
export function useConditionCount(condition: Condition, counts = true): Asked<{ readonly counted: Counted; readonly figures: Figures }> {
  const basis = useBasis();
  const yaml = textOf(condition);
  const ask = async () => {
    const counted = await engine.countCondition(yaml);
    return { counted, figures: aligned(condition, counted) };
  };
  return useAsked(basis && counts && yaml !== '{}' ? `${basis} ${yaml}` : undefined, '', ask, 60);
}

const NONE: Figures = new Map();

export function ConditionEditor({ label, condition, model, onChange, counts = true, segment }: ConditionEditorProps) {
  const counted = useConditionCount(condition, counts);
  const figures = counted.value?.figures ?? NONE;
  const root = useRef<HTMLElement>(null);
  const wanted = useRef<Spot>(undefined);
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const place = wanted.current.join('.');
    wanted.current = undefined;
    const part = root.current?.querySelector<HTMLElement>(`[data-spot="${place}"]`) ?? root.current;
    part?.querySelector<HTMLElement>('select, input, button')?.focus();
  });
  const change: Change = (next, focus) => {
    wanted.current = focus;
    onChange(tidied(next));
  };
  const whole = grouped(condition);
  // A single condition is shown as a group of one; its figures are the group's.
  return (
    <section
      className="condition"
      ref={root}
      aria-label={`${label}: conditions`}
      data-counting={(figures.size > 0 && counted.pending) || undefined}
    >
      <Group group={whole} root={whole} spot={[]} model={model} figures={figures} change={change} segment={segment} />
    </section>
  );
}

export default ConditionEditor;

export interface PartProps {
  readonly root: Condition;
  readonly spot: Spot;
  readonly model: Model;
  readonly figures: Figures;
  readonly change: Change;
  readonly segment: string | undefined;
}

const WORDS = [
  { value: 'all', name: 'All of these' },
  { value: 'any', name: 'Any of these' },
];

/** Which one it is, for those who do not see where it stands: 2.1 is the first in the second. */
export const numberOf = (spot: Spot): string => spot.map((index) => index + 1).join('.');

function Group({ group, ...props }: PartProps & { readonly group: Condition & { kind: 'all' | 'any' } }) {
  const { root, spot, model, change } = props;
  const { parts, kind } = group;
  const name = spot.length === 0 ? 'the conditions' : `group ${numberOf(spot)}`;
  const put = (part: Condition): void => change(appended(root, spot, part), [...spot, parts.length]);
  const combine = (to: string): void => {
    const { written: _, ...rest } = group;
    change(replaced(root, spot, { ...rest, kind: to as 'all' | 'any' }));
  };
  return (
    <div className="group" data-kind={kind}>
      {(parts.length > 1 || spot.length > 0) && (
        <Choice label={`How ${name} combine`} hideLabel value={kind} options={WORDS} onChange={combine} />
      )}
      {parts.length === 0 && <p className="soft">No condition yet. It asks for nothing, which the rules do not allow.</p>}
      <ul className="parts-list">
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is where it stands
          <li key={index} data-spot={[...spot, index].join('.')}>
            <Part {...props} part={part} spot={[...spot, index]} last={index === parts.length - 1} />
          </li>
        ))}
      </ul>
      <div className="row">
        <Button small onPress={() => put(firstTest(model))}>
          Add a condition
        </Button>
        <Button small kind="quiet" onPress={() => put({ kind: kind === 'any' ? 'all' : 'any', parts: [firstTest(model)] })}>
          Add a group
        </Button>
      </div>
    </div>
  );
}

function Part({
  part,
  last,
  negated = false,
  ...props
}: PartProps & { readonly part: Condition; readonly last: boolean; readonly negated?: boolean }) {
  const { root, spot, figures, change } = props;
  const remove = (): void => {
    // A `not` around it goes, too.
    const own = negated ? spot.slice(0, -1) : spot;
    change(replaced(root, own, undefined), own.slice(0, -1).concat(Math.max(0, (own.at(-1) ?? 0) - 1)));
  };
  if (part.kind === 'not') {
    return (
      <div className="negated">
        <span className="tag bad">Not</span>
        <Part {...props} part={part.part} spot={[...spot, 0]} last={last} negated />
        <Size counted={figures.get(textOf(part))} name={numberOf(spot)} />
      </div>
    );
  }
  const menu = (
    <PartMenu
      part={part}
      negated={negated}
      first={((negated ? spot.at(-2) : spot.at(-1)) ?? 0) === 0}
      last={last}
      name={numberOf(negated ? spot.slice(0, -1) : spot)}
      onChange={(next) => change(replaced(root, negated ? spot.slice(0, -1) : spot, next), spot)}
      onMove={(by) => {
        const own = negated ? spot.slice(0, -1) : spot;
        change(shifted(root, own, by), [...own.slice(0, -1), (own.at(-1) ?? 0) + by]);
      }}
      onRemove={remove}
    />
  );
  if (part.kind === 'all' || part.kind === 'any') {
    return (
      <div className="nested">
        <Group {...props} group={part} />
        <div className="side">
          <Size counted={figures.get(textOf(part))} name={`group ${numberOf(spot)}`} />
          {menu}
        </div>
      </div>
    );
  }
  return (
    <div className="leaf">
      <Leaf
        part={part}
        model={props.model}
        segment={props.segment}
        name={numberOf(spot)}
        onChange={(next) => change(replaced(root, spot, next))}
      />
      <div className="side">
        {!negated && <Size counted={figures.get(textOf(part))} name={`condition ${numberOf(spot)}`} />}
        {menu}
      </div>
    </div>
  );
}

/** For how many people a part holds. What is not known is said beside it. */
function Size({ counted, name }: { readonly counted: Counted | undefined; readonly name: string }) {
  if (!counted) return null;
  const { matches, others, unknown } = counted;
  return (
    <div className="size" data-size={name} data-matches={matches} data-others={others} data-unknown={unknown}>
      <span className="num">
        {count(matches)}
        {unknown > 0 && <small className="unsure"> +{count(unknown)} unknown</small>}
      </span>
      <Share compact matches={matches} others={others} unknown={unknown} label={`People of ${name}`} />
    </div>
  );
}
