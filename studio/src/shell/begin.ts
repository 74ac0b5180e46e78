/**
 * What opens by itself: the draft of last time, or the rules of the server that serves the studio; with the people that somebody had kept, or those of
 * the sample. It comes after the first screen, and takes its code with it.
 */

import { toast } from '../ui/toast.js';
import { keep, restore } from './keep.js';
import { openSample } from './sample/rules.js';
import { current, open } from './session.js';

export const trySample = openSample;

export async function begin(): Promise<void> {
  const hadDraft = restore();
  keep(() =>
    toast('The draft is not kept: this browser has no room, or lets the page keep nothing. Save or download it.', { tone: 'bad' }),
  );
  if (!hadDraft) {
    const { servedRules } = await import('../files/served.js');
    const served = await servedRules().catch(() => undefined);
    // Meanwhile somebody may have opened others.
    if (served && !current()) open({ kind: 'serve', etag: served.etag }, served.files);
  }
}
