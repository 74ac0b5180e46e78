/** Finds a flag, a segment or a place by a few letters, and goes there. */

import { useMemo } from 'react';
import { Autocomplete } from 'react-aria-components/Autocomplete';
import { Dialog } from 'react-aria-components/Dialog';
import { Header } from 'react-aria-components/Header';
import { Input } from 'react-aria-components/Input';
import { Menu, MenuItem, MenuSection } from 'react-aria-components/Menu';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { SearchField } from 'react-aria-components/SearchField';
import { Button } from '../ui/button.js';
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

export default function Search({ onClose }: { readonly onClose: () => void }) {
  const rules = useRules();
  const sections = useMemo((): { name: string; targets: Target[] }[] => {
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

  function run(key: string): void {
    onClose();
    sections
      .flatMap(({ targets }) => targets)
      .find((target) => target.key === key)
      ?.run();
  }

  return (
    <ModalOverlay className="veil" isOpen onOpenChange={(open) => !open && onClose()} isDismissable>
      <Modal className="modal">
        <Dialog className="dialog search" aria-label="Search">
          <Autocomplete filter={contains}>
            <SearchField aria-label="Flag, segment, experiment or place" autoFocus>
              <Input className="input" placeholder="Flag, segment, experiment or place" />
            </SearchField>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls; arrow keys choose from the field */}
            <section className="found" tabIndex={0} aria-label="Found">
              <Menu
                className="list"
                aria-label="Found"
                onAction={(key) => run(String(key))}
                renderEmptyState={() => <p className="nothing">Nothing has this in its name.</p>}
              >
                {sections.map(({ name, targets }) => (
                  <MenuSection key={name} aria-label={name}>
                    <Header>{name}</Header>
                    {targets.map(({ key, name: shown, hint }) => (
                      <MenuItem key={key} id={key} textValue={`${shown} ${hint ?? ''}`}>
                        <span>{shown}</span>
                        {hint && <span className="hint">{hint}</span>}
                      </MenuItem>
                    ))}
                  </MenuSection>
                ))}
              </Menu>
            </section>
          </Autocomplete>
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
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
