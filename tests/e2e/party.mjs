// Who signs in the tests of attacks: the shop, and who has copies of some of its keys.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waft } from './site.mjs';
import { RULES } from './suite.mjs';

/** The holders of root's keys, of whom two sign. */
export const ROOTS = ['root-1', 'root-2', 'root-3'];

/** Somebody's folder of keys and files: the shop's, or a thief's copy of it. */
export class Party {
  #home = mkdtempSync(join(tmpdir(), 'waft-stolen-'));
  number = 0;
  at = (name) => join(this.#home, name);

  keygen(name) {
    const key = JSON.parse(waft('keygen', '--out', this.at(`${name}.pem`)));
    writeFileSync(this.at(`${name}.json`), JSON.stringify(key));
    return key;
  }

  /** The trust that pages are built with: each role one key, root two of three. */
  init(roles) {
    const held = [...roles, ...ROOTS].map((name) => [name, this.keygen(name)]);
    this.trust = {
      project: 'shop',
      environment: 'production',
      keys: Object.fromEntries(held.map(([, { kid, publicKey }]) => [kid, publicKey])),
      holders: Object.fromEntries(held.map(([name, { kid }]) => [kid, name])),
      require: [
        ...held.filter(([name]) => roles.includes(name)).map(([role, { kid }]) => ({ role, keys: [kid], atLeast: 1 })),
        { role: 'root', keys: held.filter(([name]) => ROOTS.includes(name)).map(([, { kid }]) => kid), atLeast: 2 },
      ],
    };
    return this;
  }

  set trust(trust) {
    this.number = trust.number ?? 0;
    writeFileSync(this.at('trust.json'), JSON.stringify(trust));
  }

  get trust() {
    return JSON.parse(readFileSync(this.at('trust.json'), 'utf8'));
  }

  /** Rules whose headline says who wrote them, signed in these roles. */
  release(version, headline, signers = ['publisher'], ...more) {
    const { project, environment } = this.trust;
    const rules = { ...structuredClone(RULES), project, environments: { [environment]: {} } };
    rules.flags.headline.variants.bold = headline;
    writeFileSync(this.at('rules.json'), JSON.stringify(rules));
    const out = this.at('snapshot.waft');
    waft('build', this.at('rules.json'), '--environment', environment, '--version', String(version), '--out', out, ...more);
    for (const role of signers) waft('sign', out, '--key', this.at(`${role}.pem`), '--role', role);
    return readFileSync(out);
  }

  #head(key, ...args) {
    waft(...args, '--head', this.at('head.waft'), '--trust', this.at('trust.json'), '--key', this.at(`${key}.pem`));
    return readFileSync(this.at('head.waft'));
  }

  kill(flag) {
    return this.#head('kill', 'kill', flag, '--records', this.at('records'));
  }

  refresh(snapshot, ...more) {
    writeFileSync(this.at('live.waft'), snapshot);
    const number = this.number ? ['--trust-number', String(this.number)] : [];
    return this.#head('freshness', 'head', 'refresh', '--snapshot', this.at('live.waft'), ...number, ...more);
  }

  /** A preview token for the last release. */
  token(shown) {
    const [snapshot, trust, key] = ['snapshot.waft', 'trust.json', 'preview.pem'].map(this.at);
    return waft('token', snapshot, shown, '--trust', trust, '--key', key).trim();
  }

  /** A new key in the place of each of these, in the next trust document; `head.waft` starts anew with them. */
  rotate(names, by = ROOTS.slice(0, 2), ...more) {
    const another = (name) => `${name}-${this.number + 1}`;
    const replaced = names.map((name) => {
      this.keygen(another(name));
      return `${name}=${this.at(`${another(name)}.json`)}`;
    });
    const keys = by.flatMap((name) => ['--key', this.at(`${name}.pem`)]);
    const out = this.at('.');
    waft('trust', 'rotate', this.#last(), ...replaced, ...more, '--out', out, ...keys);
    for (const name of names) writeFileSync(this.at(`${name}.pem`), readFileSync(this.at(`${another(name)}.pem`)), { mode: 0o600 });
    this.number++;
    const document = readFileSync(this.#last());
    writeFileSync(this.at('trust.json'), waft('trust', 'show', this.#last(), '--json'));
    rmSync(this.at('head.waft'), { force: true });
    return document;
  }

  #last() {
    return this.at(this.number ? `trust-${String(this.number).padStart(4, '0')}.waft` : 'trust.json');
  }

  /** Another party who has these keys, and what is public. */
  robbedOf(...names) {
    const thief = new Party();
    thief.trust = this.trust;
    for (const name of names) writeFileSync(thief.at(`${name}.pem`), readFileSync(this.at(`${name}.pem`)), { mode: 0o600 });
    return thief;
  }

  /** The same keys for another project, or another environment: what they sign there is genuine there. */
  elsewhere(scope) {
    const other = this.robbedOf(...Object.values(this.trust.holders));
    other.trust = { ...this.trust, ...scope };
    return other;
  }

  remove() {
    rmSync(this.#home, { recursive: true, force: true });
  }
}
