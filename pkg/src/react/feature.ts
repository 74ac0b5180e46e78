/** A part of a page that depends on a flag. */

import { createElement, Fragment, type ReactElement, type ReactNode } from 'react';
import type { FlagKey } from '../typed.js';
import { useRead, readValue } from './hooks.js';

/** What {@link Feature} takes. */
export interface FeatureProps {
  readonly flag: FlagKey;
  /** The value for which `children` are rendered. Default `true`. */
  readonly is?: boolean | string | number;
  /** What is rendered for any other value, and where the flag cannot be decided. Default nothing. */
  readonly fallback?: ReactNode;
  readonly children?: ReactNode;
}

/**
 * Renders its children if a flag has a value. Whoever gets the fallback by an experiment is exposed, too.
 *
 * @example
 * <Feature flag="free-shipping" fallback={<Shipping />}><FreeShipping /></Feature>
 */
export function Feature({ flag, is = true, fallback, children }: FeatureProps): ReactElement {
  return createElement(Fragment, null, useRead<unknown, unknown>(flag, undefined, readValue) === is ? children : fallback);
}
