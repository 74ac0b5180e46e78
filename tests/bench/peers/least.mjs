// Not a peer: the least that a cold page can do with waft's engine, for cold.mjs. It unpacks and compiles the engine, reads what storage has as the
// highest version seen, verifies the rules and decides one flag, all at once. There is no client: no options, events, status, recorder, deadlines,
// details, and no other thread. What this page takes, no change to the client can save.
import { encodeTrust } from '../../../pkg/build/engine/trust.js';
import { Engine } from '../../../pkg/build/engine/engine.js';
import { openNow } from '../../../pkg/build/engine/own.js';
import { INDEX } from '../../../pkg/build/engine/packed.js';

let trust;

export function prepare(assets) {
  trust = encodeTrust(assets.trust);
}

export function load(bytes, context) {
  globalThis.localStorage.getItem('waft:seen:bench/production/0');
  const engine = new Engine(openNow());
  const refused = engine.trust(trust) ?? engine.adopt(bytes, Date.now());
  if (refused) throw new Error(refused);
  engine.context(context);
  return engine;
}

export function decide(engine, key) {
  const flag = engine.find(key);
  return engine.variant(flag, engine.evaluate(flag, Date.now()) & INDEX);
}

export const close = (engine) => engine.free();
