// What plays cases of heads and of chains of trust documents by the rules that pages have: of tests/vectors, and random ones.
import { Engine } from '../build/engine/engine.js';
import { reserve } from '../build/engine/module.js';
import { encodeTrust } from '../build/engine/trust.js';
import { Chain } from '../build/head/chain.js';
import { codeOf, factsOf, killsOf, pointerOf } from '../build/head/documents.js';
import { partsOf } from '../build/head/file.js';
import { anchorOf } from '../build/head/trust.js';
import { ENGINE } from './fixture.mjs';

export const engine = new Engine(await reserve({ module: new WebAssembly.Module(ENGINE), idle: [] }));

/** What a page takes of each head, one after the other. */
export function takenOf({ number, minVersion, adopted, heads }, base, now) {
  const trust = { ...base, number, minVersion };
  const refused = engine.trust(encodeTrust(trust));
  if (refused) throw new Error(refused);
  let list;
  let last;
  return heads.map(({ head }) => {
    const { code, documents } = partsOf(Buffer.from(head, 'base64url'));
    if (code) return { head, code };
    const told = { head, kills: null, flags: null, pointer: 'HEAD_INCOMPLETE' };
    for (const [kind, document] of documents.filter(([kind]) => kind === 'kills' || kind === 'pointer')) {
      const facts = factsOf(engine, document, now);
      try {
        if (typeof facts === 'string') throw { code: facts };
        const taken =
          kind === 'kills' ? killsOf(facts, document, list, trust) : pointerOf(facts, document, last, trust, adopted, list?.version ?? 0);
        told[kind] = taken.version;
        if (kind === 'kills') [list, told.flags] = [taken, Buffer.from(taken.flags, 'latin1').toString().split('\n').filter(Boolean)];
        else last = taken;
      } catch (thrown) {
        told[kind] = codeOf(thrown);
      }
    }
    return told;
  });
}

/** The chain of a page with a trust, which keeps what it takes. */
export const chainOf = (trust) => new Chain(anchorOf(trust, encodeTrust(trust)), 'chain');
