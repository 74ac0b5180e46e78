/** Text with completion: what is written counts, in the list or not. Options may come later, by what was typed. */

import { Button } from 'react-aria-components/Button';
import { ComboBox as Combined } from 'react-aria-components/ComboBox';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Text } from 'react-aria-components/Text';

export interface ComboBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly options: readonly { readonly value: string; readonly hint?: string }[];
  /** Told what was typed, for options that are looked up. They are shown as they come: without it, those that contain the text are. */
  readonly onSearch?: (prefix: string) => void;
  readonly isLoading?: boolean;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly hideLabel?: boolean;
  readonly placeholder?: string;
  readonly isDisabled?: boolean;
  readonly width?: string;
}

export function ComboBox({
  label,
  value,
  onChange,
  options,
  onSearch,
  isLoading = false,
  hint,
  error,
  hideLabel = false,
  placeholder,
  isDisabled = false,
  width,
}: ComboBoxProps) {
  return (
    <Combined
      className="field"
      {...(width !== undefined && { style: { width } })}
      allowsCustomValue
      allowsEmptyCollection
      menuTrigger="focus"
      isDisabled={isDisabled}
      isInvalid={error !== undefined}
      items={options}
      {...(onSearch && { defaultFilter: () => true })}
      inputValue={value}
      onInputChange={(text) => {
        if (text === value) return;
        onChange(text);
        onSearch?.(text);
      }}
      onOpenChange={(open) => open && onSearch?.(value)}
    >
      <Label className={hideLabel ? 'hidden-label' : 'label'}>{label}</Label>
      <div className="with">
        <Input className="input" placeholder={placeholder ?? ''} spellCheck={false} />
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
        <ListBox
          className="list"
          items={options}
          renderEmptyState={() => <p className="nothing">{isLoading ? 'Looking up …' : 'No value like this. What you typed is kept.'}</p>}
        >
          {(option) => (
            <ListBoxItem id={option.value} textValue={option.value}>
              <span>{option.value}</span>
              {option.hint && <span className="hint num">{option.hint}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Combined>
  );
}
