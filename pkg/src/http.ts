/** Requests that end: each has a deadline, and an answer is read up to a cap. */

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** How long a request may take, its answer included, in milliseconds. */
const DEADLINE = 10_000;

/** Sends a request. Throws if there is no answer in time, if it is a redirect, or if it is larger than the cap. */
export async function request(url: string | URL, init: RequestInit, cap: number): Promise<Answer> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(DEADLINE), ...init });
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done || !value) break;
    chunks.push(value);
    length += value.length;
    if (length > cap) {
      await reader?.cancel();
      throw new RangeError(`${url}: over ${cap} bytes`);
    }
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { status: response.status, headers: response.headers, bytes };
}
