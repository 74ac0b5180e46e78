/** What else can be done with a thing. */

import type { ReactNode } from 'react';
import { Menu as Items, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { Button } from './button.js';

export interface MenuProps {
  /** What the button says to those who do not see it. */
  readonly label: string;
  readonly items: readonly {
    readonly key: string;
    readonly name: string;
    readonly hint?: string;
    readonly danger?: boolean;
    readonly disabled?: boolean;
    run(): void;
  }[];
  readonly children?: ReactNode;
  readonly small?: boolean;
}

export function Menu({ label, items, children = '⋯', small = false }: MenuProps) {
  return (
    <MenuTrigger>
      <Button kind="quiet" small={small} label={label}>
        {children}
      </Button>
      <Popover className="popover" placement="bottom end">
        <Items
          className="list"
          disabledKeys={items.filter(({ disabled }) => disabled).map(({ key }) => key)}
          onAction={(key) => items.find((item) => item.key === key)?.run()}
        >
          {items.map(({ key, name, hint, danger = false }) => (
            <MenuItem key={key} id={key} textValue={name} {...(danger && { className: 'danger' })}>
              <span>{name}</span>
              {hint && <span className="hint">{hint}</span>}
            </MenuItem>
          ))}
        </Items>
      </Popover>
    </MenuTrigger>
  );
}
