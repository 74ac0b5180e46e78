// The package's core suite in three engines; ONLY=WebKit for one of them. What one does otherwise is told where it is asserted, and in docs/client.md.
import { after, before, describe, test } from 'node:test';
import { ENGINES } from './engines.mjs';
import { CASES } from './suite.mjs';

const { ONLY } = process.env;

for (const [name, { start, has }] of Object.entries(ENGINES)) {
  const why = ONLY && ONLY !== name ? 'left out' : !has && `tools/prepare.sh found no ${name}`;
  describe(name, { skip: why }, () => {
    let engine;
    before(async () => (engine = await start()));
    after(() => engine?.close());
    for (const [what, run] of Object.entries(CASES)) test(what, { timeout: 60_000 }, (t) => run(t, engine));
  });
}
