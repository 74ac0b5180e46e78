/** A head's bytes, taken apart: a CBOR sequence of signed documents, behind which a snapshot may follow (docs/snapshot-format.md, section 11). */

import { HEAD_BYTES } from '../limits.js';
import { Reader } from './cbor.js';

/** COSE_Sign. */
const TAG = 98;
/** The header parameter that names the content type. */
const CONTENT_TYPE = 3;

/** What the content types of documents, and of snapshots, begin with. */
const TYPE = 'application/vnd.waft.';

/** The documents of a head by their kinds, as they stand in the file, and the snapshot behind them. */
export interface Parts {
  readonly documents: readonly (readonly [kind: string, bytes: Uint8Array])[];
  readonly snapshot: Uint8Array | undefined;
}

/** Takes a head apart. Throws where it is none, and a `RangeError` where it is too large. */
export function partsOf(bytes: Uint8Array): Parts {
  const documents: [string, Uint8Array][] = [];
  let last = '';
  for (let at = 0; ; ) {
    if (at > HEAD_BYTES) throw new RangeError();
    const rest = bytes.subarray(at);
    if (!rest.length) return { documents, snapshot: undefined };
    const type = contentType(rest);
    if (type === `${TYPE}snapshot`) return { documents, snapshot: rest };
    // One order, and each type once: the same documents give the same bytes.
    if (type <= last) throw type;
    last = type;
    const reader = new Reader(rest);
    reader.skip();
    documents.push([type.replace(TYPE, ''), rest.subarray(0, reader.at)]);
    at += reader.at;
  }
}

function contentType(bytes: Uint8Array): string {
  const reader = new Reader(bytes);
  if (reader.expect(6) !== TAG || reader.expect(4) !== 4) throw bytes;
  let type = '';
  new Reader(reader.string()).entries((header, key) => {
    if (key === CONTENT_TYPE) type = header.text();
    else header.skip();
  });
  return type;
}
