/**
 * A figure for each place, of the sample, which the page has before anything is loaded. tests/e2e/studio.test.mjs counts them again by the engine.
 */

import type { PlaceKey } from '../address.js';

export interface SampleFigure {
  readonly value: string;
  readonly words: string;
}

export const FIGURES: Readonly<Record<PlaceKey, SampleFigure>> = {
  preview: { value: '8 of 16', words: 'flags are decided by a rule for Anke, a regular from Bremen.' },
  audiences: { value: '7,910', words: 'of 20,000 invented shoppers are in the winter mailing.' },
  releases: { value: '1 waits', words: 'release waits for somebody who approves it.' },
  results: { value: '+4.1 %', words: 'more purchases with the bold button than without.' },
};
