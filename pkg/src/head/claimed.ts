/** What documents say of themselves, before anybody has verified it. */

import { fieldsOf } from './cbor.js';
import { CLAIMS, CONTENT_TYPE, opened, TYPE, VERSION } from './file.js';

/** What a document says of itself. Nobody has verified it. */
export interface Claimed {
  readonly kind: string;
  readonly version: number;
  readonly payload: Uint8Array;
}

/** What a document claims. Throws where it is none. */
export function claimedBy(document: Uint8Array): Claimed {
  const [reader, header] = opened(document);
  const claims = fieldsOf(header('Map', CLAIMS) ?? new Map());
  reader.item();
  const payload = reader.item() as Uint8Array;
  reader.item();
  if (reader.at !== document.length) throw document;
  return {
    kind: header('String', CONTENT_TYPE)?.replace(TYPE, '') ?? '',
    version: claims('Number', VERSION) ?? 0,
    payload,
  };
}
