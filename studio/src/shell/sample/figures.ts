/**
 * A figure of the sample for each place that needs rules, which the page has before anything is loaded: one that no date of the sample's rules changes.
 * tests/e2e/studio-frame.test.mjs compares them with what the engine counts.
 */

import type { FIRST, PlaceKey } from '../address.js';

export interface SampleFigure {
  readonly value: string;
  readonly words: string;
}

export const FIGURES: Readonly<Partial<Record<PlaceKey, SampleFigure>> & Record<typeof FIRST, SampleFigure>> = {
  preview: { value: '16', words: 'flags are decided for Anke, a regular from Bremen, each with its reason.' },
  audiences: { value: '7,910', words: 'of 20,000 invented shoppers are in the winter mailing.' },
};
