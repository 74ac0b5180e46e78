/** Requests for rules and heads: nothing comes of what is as it was. */

import type { Code } from '../codes.js';
import { request } from '../platform/http.js';

/** Tells an error. */
export type Tell = (code: Code, url: string, cause: unknown, httpStatus?: number) => void;

/** An answer. */
export interface Came {
  /** None, if the file is as it was. */
  readonly bytes: Uint8Array | undefined;
  /** Its tag, empty where none is known, and whether that is another one than the last that came here. */
  readonly tag: string;
  readonly isNew: boolean;
}

/** Asks for a file. `isWhole`: also if it is as it was. Nothing, if it cannot be had, which is told. */
export type Ask = (source: string | URL, cap: number, isWhole: boolean) => Promise<Came | undefined>;

/** Returns what asks, and knows the tags. */
export function asking(tell: Tell): Ask {
  const tags = new Map<string, string>();
  return async (source, cap, isWhole) => {
    const url = String(source);
    const last = tags.get(url);
    try {
      // A page's own cache asks with the tag that it has; elsewhere there is none.
      const headers: HeadersInit = last && !isWhole && !globalThis.document ? { 'if-none-match': last } : {};
      const { status, headers: given, bytes } = await request(source, { cache: 'no-cache', headers }, cap);
      const isThere = status >= 200 && status < 300;
      if (isThere || status === 304) {
        const tag = given.get('etag') ?? '';
        tags.set(url, tag);
        return { bytes: isThere ? bytes : undefined, tag, isNew: !tag || (!!last && tag !== last) };
      }
      tell('UNREACHABLE', url, given.get('content-type'), status);
    } catch (cause) {
      tell(cause instanceof RangeError ? 'TOO_LARGE' : 'UNREACHABLE', url, cause);
    }
    return undefined;
  };
}

/** The tags in what a server tells, as in If-None-Match. Without whether they are weak: proxies weaken them. */
export function tagsIn(text: string): string[] {
  return text.match(/"[^"]*"/g) ?? [];
}
