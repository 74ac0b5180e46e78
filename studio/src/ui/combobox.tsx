/** Text with completion: what is written counts, in the list or not. Options may come later, by what was typed. */

import { Button } from 'react-aria-components/Button';
import { ComboBox as Combined } from 'react-aria-components/ComboBox';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Text } from 'react-aria-components/Text';
import type { Labels } from './labelled.js';

export interface ComboBoxProps extends Labels {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly options: readonly { readonly value: string; readonly hint?: string }[];
  /** Told what was typed, for options that are looked up. They are shown as they come: without it, those that contain the text are. */
  readonly onSearch?: (prefix: string) => void;
  readonly isLoading?: boolean;
  readonly placeholder?: string;
  readonly isDisabled?: boolean;
}

export function ComboBox(props: ComboBoxProps) {
  const { label, value, onChange, options, onSearch, isLoading = false, hint, error, hideLabel = false, placeholder = '', width } = props;
  const type = (text: string): void => {
    if (text === value) return;
    onChange(text);
    onSearch?.(text);
  };
  return (
    <Combined
      className="field"
      {...(width !== undefined && { style: { width } })}
      allowsCustomValue
      allowsEmptyCollection
      menuTrigger="focus"
      isDisabled={props.isDisabled ?? false}
      isInvalid={error !== undefined}
      items={options}
      {...(onSearch && { defaultFilter: () => true })}
      inputValue={value}
      onInputChange={type}
      // Whoever opens it wants to see what there is, and not what begins as the value that is to be another.
      onOpenChange={(open, by) => open && onSearch?.(by === 'input' ? value : '')}
    >
      <Label className={hideLabel ? 'hidden-label' : 'label'}>{label}</Label>
      <div className="with">
        <Input className="input" placeholder={placeholder} spellCheck={false} />
        <Button className="button quiet small" aria-label={`Values of ${label}`}>
          <span aria-hidden="true">▾</span>
        </Button>
      </div>
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="wrong">{error}</FieldError>
      <Popover className="popover">
        <Options isLoading={isLoading} />
      </Popover>
    </Combined>
  );
}

function Options({ isLoading }: { readonly isLoading: boolean }) {
  const none = (): React.ReactNode => (
    <p className="nothing">{isLoading ? 'Looking up …' : 'No value like this. What you typed is kept.'}</p>
  );
  return (
    <ListBox<ComboBoxProps['options'][number]> className="list" renderEmptyState={none}>
      {({ value, hint }) => (
        <ListBoxItem id={value} textValue={value}>
          <span>{value}</span>
          {hint && <span className="hint num">{hint}</span>}
        </ListBoxItem>
      )}
    </ListBox>
  );
}
