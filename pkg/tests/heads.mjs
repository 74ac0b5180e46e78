// Heads that the real program signs: kill lists and pointers, of this very moment, as the program signs no others.
import { createPrivateKey, sign } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { head } from '../dist/head.js';
import { createClient } from '../dist/index.js';
import { folder, key, server, TRUST, waft } from './fixture.mjs';

export const KILLER = key();
export const REFRESHER = key();
const ROOT = key();
/** Of whom two must sign. */
export const ROOTS = [key(), key(), key()];
const HOLDERS = { freshness: REFRESHER, kill: KILLER, root: ROOT };

/** A trust with more roles: `root`, too, of which pages know nothing. */
export function trusting(roles = ['freshness', 'kill', 'root'], trust = TRUST) {
  const keys = roles.map((role) => HOLDERS[role]);
  return {
    ...trust,
    keys: { ...trust.keys, ...Object.fromEntries(keys.map(({ kid, publicKey }) => [kid, publicKey])) },
    require: [...trust.require, ...roles.map((role) => ({ role, keys: [HOLDERS[role].kid], atLeast: 1 }))],
  };
}

/** The same with three keys of root. Each key has a holder: `publisher`, `freshness`, `kill`, `root-1` to `root-3`. */
export function rooted(roles = ['freshness', 'kill'], trust = TRUST) {
  const { keys, require, ...rest } = trusting(roles, trust);
  const of = Object.fromEntries(ROOTS.map(({ kid, publicKey }) => [kid, publicKey]));
  const named = require.flatMap(({ role, keys }) => keys.map((kid) => [kid, role]));
  return {
    ...rest,
    keys: { ...keys, ...of },
    holders: Object.fromEntries([...named, ...ROOTS.map(({ kid }, index) => [kid, `root-${index + 1}`])]),
    require: [...require, { role: 'root', keys: Object.keys(of), atLeast: 2 }],
  };
}

/** Of whom pages with a head are. */
export const CONTEXT = { visitorId: 'v4', country: 'DE' };

/** A page whose rules, and the head beside them, are at a site. */
export async function open(t, it, more) {
  const trust = trusting(['freshness', 'kill']);
  const page = await createClient({ snapshot: it.url('/s.waft'), trust, context: CONTEXT, head: head(), ...more });
  t.after(() => page.close());
  return page;
}

/** The file of a key's public half. */
export function publicOf({ file, kid, publicKey }) {
  const path = file.replace('.pem', '.json');
  writeFileSync(path, JSON.stringify({ kid, publicKey }));
  return path;
}

/** A folder in which a head is made, as `waft kill` and `waft head refresh` do. */
export class Publisher {
  #at = join(folder, `head-${Math.random()}`);
  #path = (name) => join(this.#at, name);
  #last = this.#path('trust.json');
  /** The number of the last trust document. */
  number = 0;
  /** Whose keys sign. */
  killer = KILLER;
  refresher = REFRESHER;
  constructor(trust = trusting()) {
    mkdirSync(this.#at);
    this.number = trust.number ?? 0;
    writeFileSync(this.#path('trust.json'), JSON.stringify(trust));
  }
  /** The next trust document, as `waft trust` makes it of the last one, signed by these keys of root. */
  change(command, args, by = ROOTS.slice(0, 2)) {
    waft('trust', command, this.#last, ...args, '--out', this.#at, ...by.flatMap(({ file }) => ['--key', file]));
    this.number++;
    this.#last = this.#path(`trust-${String(this.number).padStart(4, '0')}.waft`);
    writeFileSync(this.#path('trust.json'), waft('trust', 'show', this.#last, '--json'));
    return new Uint8Array(readFileSync(this.#last));
  }
  /** The trust that the last document is, as pages are built with it. */
  get trust() {
    return JSON.parse(readFileSync(this.#path('trust.json'), 'utf8'));
  }
  #sign(args, { file }) {
    waft(...args, '--head', this.#path('head.waft'), '--trust', this.#path('trust.json'), '--key', file);
    return this.head;
  }
  kill(...flags) {
    return this.#sign(['kill', ...flags, '--records', this.#path('records')], this.killer);
  }
  unkill(...flags) {
    return this.#sign(['unkill', ...flags, '--records', this.#path('records')], this.killer);
  }
  refresh(snapshot, expires) {
    writeFileSync(this.#path('snapshot.waft'), snapshot);
    const times = expires ? ['--expires', new Date(expires).toISOString()] : [];
    const number = this.number ? ['--trust-number', `${this.number}`] : [];
    return this.#sign(['head', 'refresh', '--snapshot', this.#path('snapshot.waft'), ...times, ...number], this.refresher);
  }
  get head() {
    return new Uint8Array(readFileSync(this.#path('head.waft')));
  }
  clear() {
    rmSync(this.#path('head.waft'), { force: true });
  }
}

/**
 * A document of the program with a date before which nobody may adopt it (`nbf`), as somebody else's signer may write one: signed anew by its key.
 */
export function dated(document, moment, { file }) {
  const bytes = Buffer.from(document);
  const sizes = { 24: 1, 25: 2 };
  let at = 3; // behind the tag, and the head of the array
  const text = () => {
    const short = bytes[at++] & 31;
    const width = sizes[short] ?? 0;
    const length = width ? bytes.readUIntBE(at, width) : short;
    at += width + length;
    return bytes.subarray(at - length, at);
  };
  const header = text();
  at++; // the unprotected header
  const payload = text();
  at += 2; // an array of one signature, which is an array of three
  const signer = text();
  // In the claims, of which there are six then, behind exp (4) and in front of iat (6).
  const claims = header.indexOf(Buffer.from([15, 0xa5])) + 1;
  const place = header.indexOf(Buffer.from([6, 0x1a]), claims);
  const nbf = Buffer.from([5, 0x1a, 0, 0, 0, 0]);
  nbf.writeUInt32BE(moment / 1_000, 2);
  const next = Buffer.concat([
    header.subarray(0, claims),
    Buffer.from([0xa6]),
    header.subarray(claims + 1, place),
    nbf,
    header.subarray(place),
  ]);
  const encoded = (part) => {
    const { length } = part;
    const head = length < 24 ? [0x40 | length] : length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255];
    return Buffer.concat([Buffer.from(head), part]);
  };
  const parts = [next, signer, Buffer.alloc(0), payload].map(encoded);
  const message = Buffer.concat([Buffer.from([0x85, 0x69]), Buffer.from('Signature'), ...parts]);
  const signature = encoded(sign(null, message, createPrivateKey(readFileSync(file))));
  const [before, between] = [bytes.subarray(0, 3), Buffer.from([0xa0])];
  const signatures = Buffer.concat([Buffer.from([0x81, 0x83]), encoded(signer), between, signature]);
  return new Uint8Array(Buffer.concat([before, encoded(next), between, encoded(payload), signatures]));
}

/** A server of files, each of which may be changed, absent (no bytes), cut or a status. */
export async function site(t, files) {
  const it = { files, asked: [] };
  const url = await server(t, (_body, request, response) => {
    it.asked.push(request.url);
    const bytes = it.files[request.url];
    if (bytes === 'cut') return void response.destroy();
    if (bytes === 'events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      it.events = response;
      return undefined;
    }
    if (typeof bytes === 'number') return [bytes, 'failed'];
    return bytes ? [200, bytes] : [404, 'none'];
  });
  it.url = (path) => `${url}${path}`;
  return it;
}
