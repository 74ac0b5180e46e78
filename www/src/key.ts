/** A signer's key, in memory for as long as the page is open: WebCrypto signs, and nothing of it is sent. */

export interface Key {
  readonly secret: CryptoKey;
  /** As `waft keygen` prints it. */
  readonly publicKey: string;
}

const ALGORITHM = 'Ed25519';
const COMMAND = 'sign at the command line: waft release approve';

/** Reads the PEM file of `waft keygen`. */
export async function readKey(file: File | undefined): Promise<Key> {
  if (!file) throw new Error('No file was chosen.');
  if (file.size > 10_000) throw new Error(`${file.name} is too large for a key: choose the .pem file of waft keygen.`);
  const text = await file.text();
  if (text.includes('ENCRYPTED PRIVATE KEY')) throw new Error(`${file.name} is encrypted, which this page does not open: ${COMMAND}`);
  const base64 = /-----BEGIN PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
  if (!base64) throw new Error(`${file.name} has no private key: choose the .pem file of waft keygen.`);
  if (!globalThis.crypto?.subtle)
    throw new Error(`This page is not served over HTTPS or from localhost, so the browser does not sign: ${COMMAND}`);
  try {
    const der = Uint8Array.from(atob(base64.replace(/\s/g, '')), (character) => character.charCodeAt(0));
    const open = await crypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
    const { x } = await crypto.subtle.exportKey('jwk', open);
    return { secret: await crypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']), publicKey: x ?? '' };
  } catch {
    throw new Error(
      `${file.name} is no Ed25519 key, or this browser cannot sign with one (Chrome 137, Firefox 129, Safari 17): ${COMMAND}`,
    );
  }
}

/** Signs bytes that are base64url, and returns the signature as that. */
export async function sign({ secret }: Key, toSign: string): Promise<string> {
  const bytes = Uint8Array.from(atob(toSign.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
  const signature = new Uint8Array(await crypto.subtle.sign(ALGORITHM, secret, bytes));
  return btoa(String.fromCharCode(...signature))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
