/** Where the parts of a snapshot's file are: docs/snapshot-format.md, section 1. */

export interface Part {
  readonly name: string;
  /** The first byte, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

const TAG_AND_ARRAY = 3; // bytes: D8 62 84

/** The header, the manifest, each signature and the rules of a file that is well-formed; throws a RangeError for others. */
export function partsOf(bytes: Uint8Array): readonly Part[] {
  let at = 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const skip = (length: number): number => {
    at += length;
    if (at > bytes.length) throw new RangeError('the file ends too early');
    return at;
  };
  /** The length or count of a CBOR item, behind whose head it stops. */
  function length(): number {
    const short = (bytes[skip(1) - 1] ?? 0) & 31;
    if (short < 24) return short;
    if (short === 24) return view.getUint8(skip(1) - 1);
    if (short === 25) return view.getUint16(skip(2) - 2);
    return view.getUint32(skip(4) - 4);
  }
  function text(name: string): Part {
    const size = length();
    return { name, from: at, to: skip(size) };
  }

  skip(TAG_AND_ARRAY);
  const header = text('the header');
  skip(1); // the unprotected header, which is empty
  const manifest = text('the manifest');
  const signatures = Array.from({ length: length() }, () => {
    skip(1); // an array of three
    text('of the signer');
    skip(1);
    return text('a signature');
  });
  return [header, manifest, ...signatures, { name: 'the rules', from: at, to: bytes.length }];
}
