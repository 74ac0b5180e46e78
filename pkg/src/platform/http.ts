/** Requests that end: each has a deadline, and an answer is read up to a cap. */

import { DEADLINE } from './deadline.js';

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Sends a request. Throws if there is no answer in time, if it is a redirect, if it is larger than the cap, or once `ending` is aborted:
 * also where the transport does not hear of that.
 */
export async function request(url: string | URL, init: RequestInit, cap: number, ending = new AbortController()): Promise<Answer> {
  const { signal } = ending;
  // `AbortSignal.timeout` is younger than the oldest browsers, and cannot be ended by others.
  const timer = setTimeout(() => ending.abort(), DEADLINE);
  try {
    const ended = new Promise<never>((_, reject) => signal.addEventListener('abort', reject));
    return await Promise.race([ended, answerOf(url, { redirect: 'error', signal, ...init }, cap)]);
  } catch (cause) {
    // Too large. WebKit goes on loading what only a reader cancels.
    if (cause instanceof RangeError) ending.abort();
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

async function answerOf(url: string | URL, init: RequestInit, cap: number): Promise<Answer> {
  const response = await fetch(url, init);
  const reader = response.body?.getReader();
  const chunks: BlobPart[] = [];
  for (let chunk; (chunk = (await reader?.read())?.value); chunks.push(chunk)) {
    cap -= chunk.length;
    if (cap < 0) throw new RangeError();
  }
  const { status, headers } = response;
  return { status, headers, bytes: new Uint8Array(await new Blob(chunks).arrayBuffer()) };
}
