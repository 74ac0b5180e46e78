/** Has the browser compile what decides, before there is anything to decide: a function is compiled when it is first called. */

import { Engine } from '../engine/engine.js';
import type { Compiled } from '../engine/module.js';
import { fromBase64 } from '../platform/bytes.js';
import type { Client, Options } from '../types.js';
import { SNAPSHOT, TRUST } from './sample.js';

/** Hashes, and decides a sample as a client that `create` makes. Throws or rejects if the engine does not work. */
export async function warmUp(wasm: Compiled, create: (options: Options) => Promise<Client>): Promise<void> {
  const engine = new Engine(wasm);
  // After as many bytes V8 has compiled anew, and well, what hashes. At once they would make the engine's memory larger.
  for (const length of [40_000, 40_000]) engine.digest(new Uint8Array(length));
  engine.free();
  // Compiling takes four times as long as a first decision. So one is made of a sample.
  const client = await create({ snapshot: fromBase64(SNAPSHOT), trust: TRUST });
  client.peek('a', null);
  client.close();
}
