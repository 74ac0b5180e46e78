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
  const chunks: BlobPart[] = [];
  for (let chunk; (chunk = (await reader?.read())?.value); chunks.push(chunk)) {
    cap -= chunk.length;
    if (cap < 0) {
      void reader?.cancel();
      throw new RangeError();
    }
  }
  const { status, headers } = response;
  return { status, headers, bytes: new Uint8Array(await new Blob(chunks).arrayBuffer()) };
}
