/** What documents say of themselves, before anybody has verified it. */

import { fieldsOf } from './cbor.js';
import { CLAIMS, CONTENT_TYPE, opened, TYPE, VERSION } from './file.js';

/** The claims until and from when a document is valid. */
const EXPIRES = 4;
const NOT_BEFORE = 5;

/** What a document says of itself. Nobody has verified it. */
export interface Claimed {
  readonly kind: string;
  readonly version: number;
  /** From when on and until when it is valid, in milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  readonly payload: Uint8Array;
}

/** What a document claims. Throws where it is none. */
export function claimedBy(document: Uint8Array): Claimed {
  const [reader, header] = opened(document);
  const claims = fieldsOf(header('Map', CLAIMS) ?? new Map());
  const claim = (key: number | bigint): number => claims('Number', key) ?? 0;
  reader.item();
  const payload = reader.item() as Uint8Array;
  reader.item();
  if (reader.at !== document.length) throw document;
  return {
    kind: header('String', CONTENT_TYPE)?.replace(TYPE, '') ?? '',
    version: claim(VERSION),
    from: 1_000 * claim(NOT_BEFORE),
    until: 1_000 * claim(EXPIRES),
    payload,
  };
}
