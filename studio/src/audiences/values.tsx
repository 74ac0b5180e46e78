/** Values of an attribute: one or several, with those that the audience has. */

import { useState } from 'react';
import { Tag, TagGroup, TagList } from 'react-aria-components/TagGroup';
import { Button as Pressable } from 'react-aria-components/Button';
import { Label } from 'react-aria-components/Label';
import { engine } from '../engine/engine.js';
import type { Model } from '../engine/types.js';
import { Button } from '../ui/button.js';
import { ComboBox } from '../ui/combobox.js';
import { count } from '../ui/numbers.js';
import { useTyped } from './typed.js';

interface Option {
  readonly value: string;
  readonly hint?: string;
}

/** How many are offered at once. */
const OFFERED = 30;

/** How many of an operator's values are drawn: there may be 4,096. */
const DRAWN = 100;

export interface OneProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly error?: string | undefined;
  readonly placeholder?: string;
}

/** Looks up what the audience has, and what is declared. */
function useOptions(
  attribute: string,
  { attributes }: Model,
): { options: readonly Option[]; isLoading: boolean; search(prefix: string): void } {
  const declared = attributes[attribute]?.values;
  const [found, setFound] = useState<{ of: string; options: readonly Option[] }>();
  const [isLoading, setLoading] = useState(false);
  const own = found?.of === attribute ? found.options : [];
  const search = (prefix: string): void => {
    setLoading(true);
    engine
      .values(attribute, prefix, OFFERED)
      .then(
        (values) => setFound({ of: attribute, options: values.map(({ value, people }) => ({ value, hint: `${count(people)} people` })) }),
        // Without people there is nothing to offer but what is declared.
        () => setFound({ of: attribute, options: [] }),
      )
      .finally(() => setLoading(false));
  };
  const others = (declared ?? []).filter((value) => !own.some((option) => option.value === value)).map((value) => ({ value }));
  return { options: [...own, ...others], isLoading, search };
}

/** One value, with completion. */
export function One({
  attribute,
  model,
  label,
  value,
  onChange,
  error,
  placeholder,
}: OneProps & { readonly attribute: string; readonly model: Model }) {
  const { options, isLoading, search } = useOptions(attribute, model);
  const { text, type, settle } = useTyped(value, onChange);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what was typed counts when the field is left
    <div className="grow" onBlur={settle} onKeyDown={({ key }) => key === 'Enter' && settle()}>
      <ComboBox
        label={label}
        hideLabel
        value={text}
        onChange={type}
        options={options}
        onSearch={search}
        isLoading={isLoading}
        error={error}
        {...(placeholder !== undefined && { placeholder })}
      />
    </div>
  );
}

export interface SeveralProps {
  readonly label: string;
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
  readonly error?: string | undefined;
}

/** Several values. Arrow keys go through them, Backspace takes one away. */
export function Several({ attribute, model, ...rest }: SeveralProps & { readonly attribute: string; readonly model: Model }) {
  const { options, isLoading, search } = useOptions(attribute, model);
  return <Tokens {...rest} options={options} isLoading={isLoading} onSearch={search} />;
}

export function Tokens({
  label,
  values,
  onChange,
  options,
  isLoading = false,
  onSearch,
  error,
}: SeveralProps & { readonly options: readonly Option[]; readonly isLoading?: boolean; readonly onSearch?: (prefix: string) => void }) {
  const [text, setText] = useState('');
  const take = (typed: string): void => {
    // What comes from a spreadsheet's column has a line for each.
    const come = typed.split(/[\n\t]/).map((one) => one.trim());
    const fresh = [...new Set(come)].filter((one) => one !== '' && !values.includes(one));
    if (fresh.length > 0) onChange([...values, ...fresh]);
    setText('');
  };
  const left = options.filter(({ value }) => !values.includes(value));
  return (
    <div className="tokens">
      {values.length > 0 && (
        <TagGroup
          onRemove={(keys) => {
            onChange(values.filter((value) => !keys.has(value)));
          }}
        >
          <Label className="hidden-label">{label}: chosen</Label>
          <TagList className="token-list" items={values.slice(0, DRAWN).map((value) => ({ id: value }))}>
            {({ id }) => (
              <Tag id={id} textValue={id} className="token">
                {id === '' ? '(empty)' : id}
                <Pressable slot="remove" className="token-remove" aria-label={`Remove ${id}`}>
                  ✕
                </Pressable>
              </Tag>
            )}
          </TagList>
        </TagGroup>
      )}
      {values.length > DRAWN && <p className="soft">And {count(values.length - DRAWN)} more, which are in the rules text.</p>}
      <form
        className="row adding"
        onSubmit={(event) => {
          event.preventDefault();
          take(text);
        }}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text');
          if (!/[\n\t]/.test(pasted.trim())) return;
          event.preventDefault();
          take(pasted);
        }}
      >
        <ComboBox
          label={label}
          hideLabel
          value={text}
          onChange={setText}
          options={left}
          {...(onSearch && { onSearch })}
          isLoading={isLoading}
          error={error}
          placeholder={values.length === 0 ? 'A value' : 'Another value'}
        />
        <Button small type="submit" isDisabled={text.trim() === ''}>
          Add
        </Button>
      </form>
    </div>
  );
}
