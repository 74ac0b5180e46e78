// A verifier and a signer of snapshots in Node, written from docs/snapshot-format.md alone. Nothing of Waft is used here.
//
// @auth0/cose takes the COSE_Sign message apart, makes signatures and checks them. Its `encode` puts a signer's protected
// header into the message as a map, where RFC 9052 wants its bytes, so the message is put together with cbor-x.
//
// Each line of input is a request, { do, ...arguments } with bytes in base64; each line of output { answer } or { error }.
import { Algorithms, COSEKey, Headers, ProtectedHeaders, Sign } from '@auth0/cose';
import { Encoder, Tag } from 'cbor-x';
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';

const ROLE = -65537;
const VERSION = -65538;
const [CRIT, CONTENT_TYPE, CLAIMS] = [2, 3, 15];
const cbor = new Encoder({ tagUint8Array: false, useRecords: false, mapsAsObjects: false, useTag259ForMaps: false });

class Refused extends Error {}
const must = (holds, code) => {
  if (!holds) throw new Refused(code);
};
const malformed = (action) => {
  try {
    return action();
  } catch {
    throw new Refused('MALFORMED');
  }
};
const sha512 = (...parts) =>
  parts
    .reduce((hash, part) => hash.update(part), createHash('sha512'))
    .digest()
    .subarray(0, 32);
const isBytes = (value) => value instanceof Uint8Array;
/** cbor-x makes a BigInt of what has 64 bits on the wire, also where fewer would do. */
const isUnsigned = (value) => (Number.isInteger(value) && value >= 0) || (typeof value === 'bigint' && value >= 2n ** 32n);
const kidOf = (signature) => Buffer.from(signature.kid);
const raw = (key) => Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x, 'base64url');

/** The first CBOR item of the bytes. */
function firstOf(bytes) {
  let first;
  cbor.decodeMultiple(bytes, (item) => {
    first = item;
    return false;
  });
  return first;
}

/** A map in the one encoding that is allowed. */
function mapOf(bytes) {
  const map = malformed(() => cbor.decode(bytes));
  must(map instanceof Map && same(map, bytes), 'MALFORMED');
  return map;
}

function same(item, bytes) {
  const keys = item instanceof Map ? [...item.keys()].map((key) => cbor.encode(key)) : [];
  return keys.every((key, at) => at === 0 || Buffer.compare(keys[at - 1], key) < 0) && cbor.encode(item).equals(bytes);
}

/** Section 1. */
function read(bytes) {
  must(bytes.length <= 67_108_864, 'TOO_LARGE');
  const message = malformed(() => firstOf(bytes));
  must(message instanceof Sign, 'MALFORMED');
  const { payload, signatures } = message;
  must(isBytes(payload), 'MALFORMED');
  must(payload.length <= 3_584, 'TOO_LARGE');
  must(signatures.length <= 16, 'TOO_LARGE');
  const envelope = malformed(() => assemble(message, signatures));
  must(envelope.equals(bytes.subarray(0, envelope.length)), 'MALFORMED');

  const header = mapOf(message.encodedProtectedHeaders);
  const claims = header.get(CLAIMS);
  must(header.get(CONTENT_TYPE) === 'application/vnd.waft.snapshot' && understood(header, CLAIMS), 'MALFORMED');
  must(claims instanceof Map && same(claims, cbor.encode(claims)), 'MALFORMED');
  must(
    [1, 3].every((key) => typeof claims.get(key) === 'string'),
    'MALFORMED',
  );
  must([4, 6, VERSION].every((key) => isUnsigned(claims.get(key))) && claims.get(VERSION) < 2 ** 53, 'MALFORMED');
  must(!claims.has(5) || isUnsigned(claims.get(5)), 'MALFORMED');

  must(message.unprotectedHeaders instanceof Map && message.unprotectedHeaders.size === 0, 'MALFORMED');
  for (const [at, signature] of signatures.entries()) {
    const header = mapOf(signature.encodedProtectedHeaders);
    must([-8, -19].includes(header.get(Headers.Algorithm)) && understood(header, ROLE), 'MALFORMED');
    must(isBytes(signature.kid) && signature.kid.length === 16 && typeof header.get(ROLE) === 'string', 'MALFORMED');
    must(signature.unprotectedHeaders instanceof Map && signature.unprotectedHeaders.size === 0, 'MALFORMED');
    must(isBytes(signature.signature) && signature.signature.length === 64, 'MALFORMED');
    must(at === 0 || Buffer.compare(kidOf(signatures[at - 1]), kidOf(signature)) < 0, 'MALFORMED');
  }
  return { message, claims, body: bytes.subarray(envelope.length) };
}

/** Whether `crit`, where it is, names what we know and nothing else. */
const understood = (header, known) => !header.has(CRIT) || isDeepStrictEqual(header.get(CRIT), [known]);

function assemble(message, signatures) {
  const signers = signatures.map(({ encodedProtectedHeaders, signature }) => [encodedProtectedHeaders, new Map(), signature]);
  return cbor.encode(new Tag([message.encodedProtectedHeaders, new Map(), message.payload, signers], 98));
}

/** Section 3; `seen` is left to others. */
async function verify(bytes, trust, now) {
  const { message, claims, body } = read(bytes);
  const { signatures } = message;
  const kid = (signature) => kidOf(signature).toString('base64url');
  must(signatures.length > 0, 'UNSIGNED');
  must(
    signatures.some((signature) => trust.require.some(({ keys }) => keys.includes(kid(signature)))),
    'UNKNOWN_KEY',
  );
  for (const { role, keys, atLeast = 1 } of trust.require) {
    const counting = signatures.filter((one) => keys.includes(kid(one)) && one.protectedHeaders.get(ROLE) === role);
    for (const signature of counting) {
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: trust.keys[kid(signature)] };
      const key = createPublicKey({ key: jwk, format: 'jwk' });
      await signature.verify(key, message.encodedProtectedHeaders, message.payload).catch(() => must(false, 'BAD_SIGNATURE'));
    }
    must(counting.length >= atLeast, 'ROLE_MISSING');
  }
  must(claims.get(1) === trust.project, 'WRONG_PROJECT');
  must(claims.get(3) === trust.environment, 'WRONG_ENVIRONMENT');
  must(claims.get(VERSION) >= (trust.minVersion ?? 0), 'ROLLED_BACK');
  must(!claims.has(5) || claims.get(5) <= now, 'NOT_YET_VALID');
  must(now < claims.get(4), 'EXPIRED');

  const manifest = mapOf(message.payload);
  const [format, length, chunk, digests] = [1, 2, 3, 4].map((key) => manifest.get(key));
  must(format === 1, 'UNSUPPORTED_FORMAT');
  must(isUnsigned(length) && isUnsigned(chunk) && isBytes(digests), 'MALFORMED');
  must(chunk >= 65_536 && Number.isInteger(Math.log2(Number(chunk))), 'MALFORMED');
  const lists = manifest.get(5) ?? new Uint8Array();
  must(isBytes(lists) && lists.length % 32 === 0, 'MALFORMED');
  must(lists.length <= 32 * 64, 'TOO_LARGE');
  must(body.length === length && digests.length === 32 * Math.ceil(length / chunk), 'MALFORMED');
  for (let at = 0; at * chunk < length; at += 1) {
    const digest = sha512(body.subarray(at * chunk, (at + 1) * chunk));
    must(digest.equals(digests.subarray(32 * at, 32 * (at + 1))), 'DIGEST_MISMATCH');
  }
  return {
    project: claims.get(1),
    environment: claims.get(3),
    version: Number(claims.get(VERSION)),
    digest: sha512(message.encodedProtectedHeaders, message.payload).toString('base64url'),
    chunks: digests.length / 32,
  };
}

/** The snapshot with one more signature, in its place by kid. */
async function sign(bytes, pem, role) {
  const { message, body } = read(bytes);
  const key = createPrivateKey(pem);
  const kid = createHash('sha256').update(raw(key)).digest().subarray(0, 16);
  const protectedHeaders = new ProtectedHeaders([
    [Headers.Algorithm, Algorithms.EdDSA],
    [CRIT, [ROLE]],
    [Headers.KeyID, kid],
    [ROLE, role],
  ]);
  const signed = await Sign.sign([...message.protectedHeaders], [], message.payload, [{ key, protectedHeaders }]);
  must(signed.encodedProtectedHeaders.equals(message.encodedProtectedHeaders), 'the header was encoded in another way');
  const all = [...message.signatures, ...signed.signatures];
  all.sort((one, other) => Buffer.compare(kidOf(one), kidOf(other)));
  return Buffer.concat([assemble(message, all), body]);
}

const commands = {
  /** Per snapshot what it says, or the code of its refusal. */
  verify: async ({ snapshots, trust, now }) => {
    const answers = [];
    for (const snapshot of snapshots) {
      const answer = verify(Buffer.from(snapshot, 'base64'), trust, now);
      answers.push(await answer.catch((error) => (error instanceof Refused ? error.message : `crashed: ${error.stack}`)));
    }
    return answers;
  },
  sign: async ({ snapshot, pem, role }) => (await sign(Buffer.from(snapshot, 'base64'), pem, role)).toString('base64'),
  /** A new secret key in PEM. */
  keygen: async () => {
    const { privateKey } = await COSEKey.generate(Algorithms.EdDSA, { crv: 'Ed25519' });
    return createPrivateKey({ key: privateKey.toJWK(), format: 'jwk' }).export({ format: 'pem', type: 'pkcs8' });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const told = await commands[request.do](request).then(
    (answer) => ({ answer }),
    (error) => ({ error: error.stack ?? String(error) }),
  );
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
