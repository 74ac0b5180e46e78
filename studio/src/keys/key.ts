/** A signer's key: WebCrypto signs with it, and nothing of it is sent. */

/** What a key may do, in the words of a trust document. */
export type Role = 'publisher' | 'approver' | 'kill' | 'root';

export interface Key {
  /** No script can read it out, unless it came from a file that somebody keeps. */
  readonly secret: CryptoKey;
  /** As `waft keygen` prints it: base64url of 32 bytes. */
  readonly publicKey: string;
  /** The key's id, by which signatures name it: base64url of 16 bytes. */
  readonly kid: string;
  readonly role: Role;
  /** Who holds it; of a key that was read from a file, the file's name. */
  readonly holder: string;
  /** Whether this browser keeps it. Otherwise it is gone with the page. */
  readonly isKept: boolean;
  /** It signs nothing: another of its role does, which this browser keeps as well. */
  readonly isBeside?: boolean;
  /** When it was made here, in milliseconds since 1970. */
  readonly made?: number;
}

const ALGORITHM = 'Ed25519';
const BROWSERS = 'Chrome 137, Firefox 129, Safari 17';
const COMMAND = 'sign at the command line: waft release approve';

function subtle(): SubtleCrypto {
  if (globalThis.crypto?.subtle) return crypto.subtle;
  throw new Error(`This page is not served over HTTPS or from localhost, so the browser does not sign: ${COMMAND}`);
}

/** Makes a key whose secret half never leaves the browser's own store. */
export async function makeKey(role: Role, holder: string): Promise<Key> {
  for (;;) {
    let pair: CryptoKeyPair;
    try {
      pair = (await subtle().generateKey(ALGORITHM, false, ['sign', 'verify'])) as CryptoKeyPair;
    } catch (error) {
      if (!globalThis.crypto?.subtle) throw error;
      throw new Error(
        `This browser makes no Ed25519 keys (${BROWSERS} do): run waft keygen --out ${holder}.pem, and choose that file where you sign.`,
      );
    }
    const publicKey = base64url(new Uint8Array(await subtle().exportKey('raw', pair.publicKey)));
    const kid = await kidOf(publicKey);
    // An id that begins with a hyphen would be an option at the command line.
    if (!kid.startsWith('-')) return { secret: pair.privateKey, publicKey, kid, role, holder, isKept: true, made: Date.now() };
  }
}

/** Reads the PEM file of `waft keygen`, for as long as the page is open. */
export async function readKey(file: File | undefined, role: Role): Promise<Key> {
  if (!file) throw new Error('No file was chosen.');
  if (file.size > 10_000) throw new Error(`${file.name} is too large for a key: choose the .pem file of waft keygen.`);
  const text = await file.text();
  if (text.includes('ENCRYPTED PRIVATE KEY')) throw new Error(`${file.name} is encrypted, which this page does not open: ${COMMAND}`);
  const base64 = /-----BEGIN PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
  if (!base64) throw new Error(`${file.name} has no private key: choose the .pem file of waft keygen.`);
  const crypto = subtle();
  try {
    const der = Uint8Array.from(atob(base64.replace(/\s/g, '')), (character) => character.charCodeAt(0));
    const open = await crypto.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
    const publicKey = (await crypto.exportKey('jwk', open)).x ?? '';
    const secret = await crypto.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
    return { secret, publicKey, kid: await kidOf(publicKey), role, holder: file.name, isKept: false };
  } catch {
    throw new Error(`${file.name} is no Ed25519 key, or this browser cannot sign with one (${BROWSERS}): ${COMMAND}`);
  }
}

/** Signs bytes that are base64url, and returns the signature as that. */
export const sign = async (key: Key, toSign: string): Promise<string> => base64url(await signBytes(key, bytesOf(toSign)));

export const signBytes = async ({ secret }: Key, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await subtle().sign(ALGORITHM, secret, bytes));

/** Whether a signature is that of a public key over these bytes. */
export async function verify(publicKey: string, signature: Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const key = await subtle().importKey('raw', bytesOf(publicKey), ALGORITHM, false, ['verify']);
  return subtle().verify(ALGORITHM, key, signature, bytes);
}

/** The first 16 bytes of the SHA-256 of the public key. */
export async function kidOf(publicKey: string): Promise<string> {
  const digest = await subtle().digest('SHA-256', bytesOf(publicKey));
  return base64url(new Uint8Array(digest).subarray(0, 16));
}

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));

export const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
