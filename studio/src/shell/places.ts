/** The four places: what each is called, what it is for, and its code, which is loaded when somebody goes there. */

import { type ComponentType, lazy } from 'react';
import type { PlaceKey } from './address.js';

export interface Place {
  readonly key: PlaceKey;
  readonly name: string;
  /** What it is for, in one sentence. */
  readonly purpose: string;
  readonly Page: ComponentType;
  /** It has something to show without rules. */
  readonly always?: boolean;
}

export const PLACES: readonly Place[] = [
  { key: 'preview', name: 'Preview', purpose: 'See what one visitor gets, and why.', Page: lazy(() => import('../preview/preview.js')) },
  {
    key: 'audiences',
    name: 'Audiences and flags',
    purpose: 'See how many people each flag reaches, and change it.',
    Page: lazy(() => import('../audiences/audiences.js')),
  },
  {
    key: 'releases',
    name: 'Releases',
    purpose: 'Check what is proposed, approve it, or take it back.',
    Page: lazy(() => import('../releases/releases.js')),
    always: true,
  },
  {
    key: 'results',
    name: 'Results',
    purpose: 'Read what experiments found.',
    Page: lazy(() => import('../results/results.js')),
    always: true,
  },
];
