/** The four places: what each is called, what it is for, and its code, which is loaded when somebody goes there. */

import { type ComponentType, lazy } from 'react';

export interface Place {
  readonly key: string;
  readonly name: string;
  readonly purpose: string;
  readonly Page: ComponentType;
}

export const PLACES: readonly Place[] = [
  { key: 'preview', name: 'Preview', purpose: 'See what one visitor sees, and why.', Page: lazy(() => import('../preview/preview.js')) },
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
  },
  { key: 'results', name: 'Results', purpose: 'Read what experiments found.', Page: lazy(() => import('../results/results.js')) },
];
