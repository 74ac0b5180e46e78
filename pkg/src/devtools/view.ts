/** What a tab shows. */

import type { Registered } from './registry.js';

export interface View {
  readonly title: string;
  readonly element: HTMLElement;
  /** How many of it there are, beside the title. */
  count?(client: Registered): number | undefined;
  /** Shows what is so now. Elements that are as they were stay. */
  update(client: Registered): void;
  /** What has the focus when the panel opens; the tab itself by default. */
  focus?(): void;
}
