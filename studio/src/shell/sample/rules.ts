/** The sample: the shop of the demo, Harbour Goods. */

import { type Files, open } from '../session.js';

export const sampleRules = async (): Promise<Files> => (await import('./files.js')).FILES;

export const openSample = async (): Promise<void> => open({ kind: 'sample' }, await sampleRules());
