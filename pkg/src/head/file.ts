/** A head's bytes, taken apart: a CBOR sequence of signed documents, behind which a snapshot may follow (docs/snapshot-format.md, section 11). */

import type { Code } from '../codes.js';
import { HEAD_BYTES } from '../limits.js';
import { ascending, type Field, fieldsIn, latin, Reader } from './cbor.js';

/** The header parameters that name the content type, and the claims. */
export const CONTENT_TYPE = 3;
export const CLAIMS = 15;
/** The claim of a snapshot's version, or a document's number. */
export const VERSION = -65_538n;

/** What the content types of documents, and of snapshots, begin with. */
export const TYPE = 'application/vnd.waft.';

/** The documents of a head by their kinds, as they stand in the file, and the snapshot behind them; none, and why, if it is no head. */
export interface Parts {
  readonly documents: readonly (readonly [kind: string, bytes: Uint8Array])[];
  readonly snapshot?: Uint8Array;
  readonly code?: Code;
}

/** Takes a head apart. */
export function partsOf(bytes: Uint8Array): Parts {
  const documents: [string, Uint8Array][] = [];
  try {
    let last = '';
    for (let at = 0; at <= HEAD_BYTES; ) {
      const rest = bytes.subarray(at);
      if (!rest.length) return { documents };
      const type = opened(rest)[1]('String', CONTENT_TYPE) ?? '';
      if (type === `${TYPE}snapshot`) return { documents, snapshot: rest };
      // One order, and each type once: the same documents give the same bytes.
      last = ascending(last, type);
      const reader = new Reader(rest);
      reader.item();
      documents.push([type.replace(TYPE, ''), rest.subarray(0, reader.at)]);
      at += reader.at;
    }
    return { documents: [], code: 'TOO_LARGE' };
  } catch {
    return { documents: [], code: 'MALFORMED' };
  }
}

/** The envelope that bytes start with, behind its header; and that header, read and as it is. */
export function opened(bytes: Uint8Array): [rest: Reader, header: Field, encoded: Uint8Array] {
  const reader = new Reader(bytes);
  // COSE_Sign: the tag 98, and four items.
  if (latin(reader.take(3)) !== '\xd8b\x84') throw bytes;
  const header = reader.item() as Uint8Array;
  return [reader, fieldsIn(header, { [CLAIMS]: {} }), header];
}
