/** Files that are asked for: what came, or why nothing did. */

import type { Code } from '../codes.js';
import { request } from '../platform/http.js';
import type { Refusal } from './events.js';

/** Bytes, and what is to be told if there are none, or they are refused. */
export interface Fetched extends Refusal {
  readonly bytes?: Uint8Array | undefined;
  readonly code: Code;
}

/** Asks for a file of at most so many bytes. There is an HTTP status if there was an answer. */
export async function ask(source: string | URL, cap: number): Promise<Fetched> {
  const url = `${source}`;
  try {
    const { status, headers, bytes } = await request(source, { cache: 'no-cache' }, cap);
    // HTML in the place of a snapshot is what servers of single-page applications send for a path that does not exist.
    const cause = headers.get('content-type');
    return { url, httpStatus: status, cause, code: 'UNREACHABLE', bytes: status >= 200 && status < 300 ? bytes : undefined };
  } catch (cause) {
    return { url, cause, code: cause instanceof RangeError ? 'TOO_LARGE' : 'UNREACHABLE' };
  }
}
