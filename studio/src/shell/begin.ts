/**
 * What opens by itself: the draft of last time, or the rules of the server that serves the studio; with the people that somebody had kept, or those of
 * the sample. It comes after the first screen, and takes its code with it.
 */

import { onToken } from '../api/ask.js';
import { toast } from '../ui/toast.js';
import { config } from './config.js';
import { keep, restore } from './keep.js';
import { sampleFile } from './sample/people.js';
import { openSample } from './sample/rules.js';
import { current } from './session.js';

const people = () => import('../people/people.js');

/** Reads a file of people, of the sample unless it is said. */
async function read(file?: File): Promise<void> {
  const [{ audience }, chosen] = await Promise.all([people(), file ?? sampleFile()]);
  await audience.read(chosen);
}

const failed = (error: Error): void => toast(`${error.message} Check the connection and try again.`, { tone: 'bad' });

/** Opens the sample: its rules at once, its people as they are made. */
export async function trySample(): Promise<void> {
  await openSample();
  read().catch(failed);
}

/** Opens a file of people against the rules at hand, or those of the sample. */
export async function openPeople(file: File): Promise<void> {
  if (!current()) await openSample();
  read(file).catch(failed);
}

export async function begin(): Promise<void> {
  keep(() =>
    toast('The draft is not kept: this browser has no room, or lets the page keep nothing. Save or download it.', { tone: 'bad' }),
  );
  const restored = await restore();
  const rules = current();
  if (restored === 'copy' && rules && rules.files !== rules.base) {
    toast('This tab has a draft of its own: a copy of the one in your other tab. Each is saved by itself.');
  }
  const server = await import('../files/follow.js');
  const isOpen = current() !== undefined || (await server.begin());
  server.follow();
  if (isOpen) return restorePeople();
  // A server with --release-token-file has rules for whoever gives it a token.
  onToken(async () => {
    if (!current() && (await server.begin())) await restorePeople();
  });
}

/** The people that this browser keeps, or those that go with the rules. */
async function restorePeople(): Promise<void> {
  const { audience } = await people();
  if (await audience.restore()) return;
  // The demo's server has the shop's rules: its people go with them.
  if (current()?.source.kind === 'sample' || config.shop) await read();
}
