/** A request to the collector, and what comes of it. */

import { KEEPALIVE_BYTES } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { type Answer, request } from '../platform/http.js';

/** What came of a request. */
export interface Outcome {
  /** The HTTP status; 0 if there was none, or the answer was not read to its end. */
  readonly status: number;
  /** Whether the answer is empty or JSON. */
  readonly readable: boolean;
  /** How many records the collector rejected for good. */
  readonly rejected: number;
  /** For how long it asks to wait, in milliseconds. */
  readonly wait: number;
}

const JSON_TYPE = 'application/json';
/** The longest answer that is read, in bytes. */
const ANSWER = 65_536;
/** The longest pause that a collector may ask for, in milliseconds. */
const LONGEST_PAUSE = 3_600_000;

/** Sends a batch, until `ending` is aborted; by a beacon where that fails and the page is `leaving`. Does not reject. */
export async function post(
  endpoint: string | URL,
  body: Uint8Array<ArrayBuffer>,
  ending: AbortController,
  leaving: boolean,
): Promise<Outcome> {
  try {
    const init: RequestInit = {
      method: 'POST',
      body,
      headers: { 'content-type': JSON_TYPE },
      keepalive: body.length <= KEEPALIVE_BYTES,
      // The page's address may say more of a visitor than records do. A beacon cannot be told so.
      referrerPolicy: 'no-referrer',
    };
    return outcomeOf(await request(endpoint, init, ANSWER, ending));
  } catch {
    // Neither is a yes: what a beacon may have carried is sent again by the next page, and is one row by its id.
    if (leaving && !ending.signal.aborted) beacon(endpoint, body);
    return { status: 0, readable: false, rejected: 0, wait: 0 };
  }
}

/** What an answer says. */
function outcomeOf({ status, headers, bytes }: Answer): Outcome {
  // Empty or JSON: a page in HTML is not a collector's yes, whatever its status.
  const said = attempt(() => JSON.parse(new TextDecoder().decode(bytes) || '{}'));
  const rejected = Math.floor(Math.max(0, said?.partialSuccess?.rejectedLogRecords)) || 0;
  return { status, readable: !!said, rejected, wait: retryAfter(headers.get('retry-after')) };
}

/** For how long a `Retry-After` asks to wait, in milliseconds. */
function retryAfter(header: string | null): number {
  const wait = 1_000 * Number(header) || Date.parse(header ?? '') - Date.now() || 0;
  return Math.max(0, Math.min(wait, LONGEST_PAUSE));
}

function beacon(endpoint: string | URL, body: BlobPart): void {
  attempt(() => navigator.sendBeacon(endpoint, new Blob([body], { type: JSON_TYPE })));
}
