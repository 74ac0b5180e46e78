/** A head's bytes, taken apart: a CBOR sequence of signed documents, behind which a snapshot may follow (docs/snapshot-format.md, section 11). */

import { HEAD_BYTES } from '../limits.js';
import { Reader } from './cbor.js';

/** COSE_Sign. */
const TAG = 98;
/** The header parameters that name the content type, and the claims. */
const CONTENT_TYPE = 3;
const CLAIMS = 15;
/** The claims until and from when a document is valid, and the version of a snapshot, or a document's number. */
const EXPIRES = 4;
const NOT_BEFORE = 5;
const VERSION = -65_538;

/** What the content types of documents, and of snapshots, begin with. */
const TYPE = 'application/vnd.waft.';

/** The documents of a head by their kinds, as they stand in the file, and the snapshot behind them. */
export interface Parts {
  readonly documents: readonly (readonly [kind: string, bytes: Uint8Array])[];
  readonly snapshot: Uint8Array | undefined;
}

/** What a document says of itself. Nobody has verified it. */
export interface Claimed {
  readonly kind: string;
  readonly version: number;
  /** From when on and until when it is valid, in milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  readonly payload: Uint8Array;
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

/** What a document claims. Throws where it is none. */
export function claimedBy(document: Uint8Array): Claimed {
  const [reader, header] = opened(document);
  const claims: Record<number, number> = {};
  let kind = '';
  header.entries((_, key) => {
    if (key === CONTENT_TYPE) kind = header.text().replace(TYPE, '');
    else if (key !== CLAIMS) header.skip();
    else {
      header.entries((_, claim) => {
        if ([EXPIRES, NOT_BEFORE, VERSION].includes(claim)) claims[claim] = header.expect(0);
        else header.skip();
      });
    }
  });
  reader.skip();
  const { [VERSION]: version = 0, [NOT_BEFORE]: from = 0, [EXPIRES]: until = 0 } = claims;
  const payload = reader.string();
  reader.skip();
  reader.end();
  return { kind, version, from: 1_000 * from, until: 1_000 * until, payload };
}

function contentType(bytes: Uint8Array): string {
  const [, header] = opened(bytes);
  let type = '';
  header.entries((_, key) => {
    if (key === CONTENT_TYPE) type = header.text();
    else header.skip();
  });
  header.end();
  return type;
}

/** The envelope that bytes start with, behind its header; and that header. */
function opened(bytes: Uint8Array): [rest: Reader, header: Reader] {
  const reader = new Reader(bytes);
  if (reader.expect(6) !== TAG || reader.expect(4) !== 4) throw bytes;
  return [reader, new Reader(reader.string())];
}
