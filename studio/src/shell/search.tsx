/** Finds a flag, a segment or a place by a few letters, and goes there. */

import { type KeyboardEvent, useEffect, useId, useMemo, useState } from 'react';
import { Button } from '../ui/button.js';
import { isComposing } from '../ui/focus.js';
import { Modal } from '../ui/modal.js';
import { go } from './address.js';
import { named } from './named.js';
import { PLACES } from './places.js';
import { useRules } from './session.js';

interface Target {
  readonly key: string;
  readonly name: string;
  readonly hint?: string;
  run(): void;
}

/** Each word that was typed begins somewhere in the name or the hint. */
const contains = (text: string, typed: string): boolean =>
  typed
    .toLowerCase()
    .split(/[\s-]+/)
    .every((word) => text.toLowerCase().includes(word));

interface Section {
  readonly name: string;
  readonly targets: readonly Target[];
}

/** What there is to find. */
function useSections(): readonly Section[] {
  const rules = useRules();
  return useMemo(() => {
    const { flags, segments, experiments } = named(rules?.files ?? {});
    const to = (kind: string, { key, words }: { key: string; words: string }, run: () => void): Target => ({
      key: `${kind} ${key}`,
      name: key,
      hint: words,
      run,
    });
    return [
      {
        name: 'Flags',
        targets: flags.map((flag) =>
          to('flag', flag, () => go({ place: 'audiences', flag: flag.key, segment: undefined, tab: undefined })),
        ),
      },
      {
        name: 'Segments',
        targets: segments.map((one) =>
          to('segment', one, () => go({ place: 'audiences', segment: one.key, flag: undefined, tab: undefined })),
        ),
      },
      {
        name: 'Experiments',
        targets: experiments.map((one) => to('experiment', one, () => go({ place: 'results', experiment: one.key }))),
      },
      {
        name: 'Places',
        targets: PLACES.map(({ key, name, purpose }) => to('place', { key: name, words: purpose }, () => go({ place: key }))),
      },
    ].filter(({ targets }) => targets.length > 0);
  }, [rules]);
}

export default function Search({ onClose }: { readonly onClose: () => void }) {
  const sections = useSections();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const found = sections
    .map((section) => ({ ...section, targets: section.targets.filter(({ name, hint }) => contains(`${name} ${hint ?? ''}`, typed)) }))
    .filter(({ targets }) => targets.length > 0);
  const all = found.flatMap(({ targets }) => targets);
  const chosen = all[at];
  useEffect(() => void document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' }), [id, at]);

  const run = (target: Target): void => {
    onClose();
    target.run();
  };
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && all.length > 0) setAt((at + step + all.length) % all.length);
    else if (event.key === 'Enter' && chosen) run(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <Modal aria-label="Search" className="search" isDismissable onClose={onClose}>
      <input
        role="combobox"
        className="input"
        data-first
        aria-label="Flag, segment, experiment or place"
        placeholder="Flag, segment, experiment or place"
        aria-autocomplete="list"
        aria-expanded={all.length > 0}
        aria-controls={id}
        aria-activedescendant={chosen && `${id}-${at}`}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls; arrow keys choose from the field */}
      <section className="found" tabIndex={0} aria-label="Found">
        {all.length === 0 && (
          <p className="nothing" role="status">
            Nothing has this in its name.
          </p>
        )}
        <Found {...{ id, sections: found, chosen, run }} />
      </section>
      <footer>
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> choose
        </span>
        <span>
          <kbd>Enter</kbd> go there
        </span>
        {/* It is the whole screen of a phone, which has no Esc. */}
        <Button small kind="quiet" onPress={onClose}>
          Close
        </Button>
      </footer>
    </Modal>
  );
}

interface FoundProps {
  readonly id: string;
  readonly sections: readonly Section[];
  readonly chosen: Target | undefined;
  readonly run: (target: Target) => void;
}

function Found({ id, sections, chosen, run }: FoundProps) {
  const all = sections.flatMap(({ targets }) => targets);
  return (
    <div className="list" role="listbox" id={id} aria-label="Found">
      {sections.map(({ name, targets }) => (
        // biome-ignore lint/a11y/useSemanticElements: a group of options, not of fields
        <div key={name} role="group" aria-label={name}>
          <span className="head" aria-hidden="true">
            {name}
          </span>
          {targets.map((target) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus
            <div
              key={target.key}
              id={`${id}-${all.indexOf(target)}`}
              role="option"
              tabIndex={-1}
              aria-selected={target === chosen}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => run(target)}
            >
              <span>{target.name}</span>
              {target.hint && <span className="hint">{target.hint}</span>}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
