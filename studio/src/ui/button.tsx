/** Buttons, and links that look like them. A place has one primary button in view. */

import type { ReactNode } from 'react';
import { Button as Pressable, type ButtonProps as PressableProps } from 'react-aria-components/Button';

export type Kind = 'primary' | 'plain' | 'quiet' | 'danger';

export interface ButtonProps extends Omit<PressableProps, 'className' | 'children' | 'style' | 'isPending'> {
  readonly kind?: Kind;
  readonly small?: boolean;
  /** What an icon says: its name for those who do not see it. */
  readonly label?: string;
  /** What it does is under way: it keeps the focus, and does nothing more. */
  readonly isPending?: boolean;
  readonly children: ReactNode;
}

const look = (kind: Kind, small: boolean, icon: boolean): string => `button ${kind}${small ? ' small' : ''}${icon ? ' icon' : ''}`;

// React Aria's own `isPending` wants a progress bar inside, and leaves an element without a name in the page.
export function Button({ kind = 'plain', small = false, label, isPending = false, children, onPress, ...rest }: ButtonProps) {
  return (
    <Pressable
      {...rest}
      {...(onPress && !isPending && { onPress })}
      className={`${look(kind, small, label !== undefined)}${isPending ? ' pending' : ''}`}
      {...(label !== undefined && { 'aria-label': label })}
    >
      {children}
    </Pressable>
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
