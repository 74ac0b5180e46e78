/** `waft/lean`: the client without the engine, which comes from where the page says: to be streamed, or where bytes may not be compiled. */

import { clientWith } from './client/client.js';
import { openEngine } from './engine/elsewhere.js';
import { giveBack } from './engine/module.js';
import { membersOf } from './platform/attempt.js';
import type { Client, EngineSource, Options } from './types.js';

export type * from './index.js';
export type { EngineSource } from './types.js';

/** What {@link createClient} takes. */
export interface LeanOptions extends Options {
  /** The engine. Without it, any that was loaded before is taken; where there is none, the client's code is `ENGINE_FAILED`. */
  readonly engine?: EngineSource;
}

/**
 * As `createClient` of `waft`, with the engine from elsewhere.
 *
 * @example
 * const client = await createClient({ engine: '/engine.wasm', snapshot: '/snapshot.waft', trust });
 */
export function createClient(options: LeanOptions): Promise<Client> {
  const { engine, ...rest } = membersOf(options) as LeanOptions;
  return clientWith(rest, (isAgain) => {
    const opening = openEngine(engine);
    // Browsers read storage when it is first asked, which takes longer than to verify: while the engine is on its way.
    isAgain();
    return opening;
  });
}

/** Loads the engine ahead of the first client. A failure is the client's to tell, which tries again. */
export async function loadEngine(engine: EngineSource): Promise<void> {
  await openEngine(engine).then(giveBack, () => {});
}
