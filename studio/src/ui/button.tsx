/** Buttons, and links that look like them. A place has one primary button in view. */

import type { ComponentProps, MouseEvent, ReactNode } from 'react';

export type Kind = 'primary' | 'plain' | 'quiet' | 'danger';

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'children' | 'style' | 'disabled' | 'onClick'> {
  readonly kind?: Kind;
  readonly small?: boolean;
  /** What an icon says: its name for those who do not see it. */
  readonly label?: string;
  readonly isDisabled?: boolean;
  /** What it does is under way: it keeps the focus, and does nothing more. */
  readonly isPending?: boolean;
  readonly onPress?: () => void;
  readonly children: ReactNode;
}

const look = (kind: Kind, small: boolean, icon: boolean): string => `button ${kind}${small ? ' small' : ''}${icon ? ' icon' : ''}`;

export function Button(props: ButtonProps) {
  const {
    kind = 'plain',
    small = false,
    label,
    isDisabled = false,
    isPending = false,
    onPress,
    type = 'button',
    children,
    ...rest
  } = props;
  const press = ({ currentTarget, detail }: MouseEvent<HTMLButtonElement>): void => {
    // Safari gives a button that is clicked no focus, and a dialog gives the focus back to where it was. A form that Enter sends clicks, too, 0 times.
    if (detail > 0) currentTarget.focus();
    if (!isPending) onPress?.();
  };
  return (
    <button
      {...rest}
      type={type}
      disabled={isDisabled}
      onClick={press}
      className={`${look(kind, small, label !== undefined)}${isPending ? ' pending' : ''}`}
      {...(label !== undefined && { 'aria-label': label })}
    >
      {children}
    </button>
  );
}

export interface LinkButtonProps {
  readonly href: string;
  readonly kind?: Kind;
  readonly small?: boolean;
  readonly target?: string;
  readonly children: ReactNode;
}

export function LinkButton({ href, kind = 'plain', small = false, target, children }: LinkButtonProps) {
  return (
    <a href={href} target={target} rel={target && 'noreferrer'} className={look(kind, small, false)}>
      {children}
    </a>
  );
}
