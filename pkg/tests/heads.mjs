// Heads that the real program signs: kill lists and pointers, of this very moment, as the program signs no others.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, key, TRUST, waft } from './fixture.mjs';

const KILLER = key();
const REFRESHER = key();
const ROOT = key();
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

/** A folder in which a head is made, as `waft kill` and `waft head refresh` do. */
export class Publisher {
  #at = join(folder, `head-${Math.random()}`);
  #path = (name) => join(this.#at, name);
  constructor(trust = trusting()) {
    mkdirSync(this.#at);
    writeFileSync(this.#path('trust.json'), JSON.stringify(trust));
  }
  #sign(args, { file }) {
    waft(...args, '--head', this.#path('head.waft'), '--trust', this.#path('trust.json'), '--key', file);
    return this.head;
  }
  kill(...flags) {
    return this.#sign(['kill', ...flags, '--records', this.#path('records')], KILLER);
  }
  unkill(...flags) {
    return this.#sign(['unkill', ...flags, '--records', this.#path('records')], KILLER);
  }
  refresh(snapshot, expires) {
    writeFileSync(this.#path('snapshot.waft'), snapshot);
    const times = expires ? ['--expires', new Date(expires).toISOString()] : [];
    return this.#sign(['head', 'refresh', '--snapshot', this.#path('snapshot.waft'), ...times], REFRESHER);
  }
  get head() {
    return new Uint8Array(readFileSync(this.#path('head.waft')));
  }
  clear() {
    rmSync(this.#path('head.waft'), { force: true });
  }
}
