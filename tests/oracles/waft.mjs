// Waft itself, as pages run it: what the package makes of snapshots and of units.
//
// Each line of input is a request, { do, ...arguments } with bytes in base64; each line of output { answer } or { error }.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createClient } from '../../pkg/dist/index.js';
import { loadStudio } from '../../pkg/dist/studio.js';

const file = (path) => readFileSync(new URL(path, import.meta.url));
const bytes = (base64) => new Uint8Array(Buffer.from(base64, 'base64'));
const at = (seconds) => {
  Date.now = () => 1_000 * seconds;
};
const page = (snapshot, trust) => createClient({ snapshot, trust });

const commands = {
  /** Per snapshot null if it is adopted, or the code of its refusal. Each is seen by a page that has seen no other. */
  async adopt({ snapshots, trust, now }) {
    at(now);
    const codes = [];
    for (const snapshot of snapshots) {
      const client = await page(bytes(snapshot), trust);
      codes.push(client.status().code ?? null);
      client.close();
    }
    return codes;
  },

  /**
   * Per unit what the engine decides, and what the studio tells of it: { variant, reason, layer: { inside, point },
   * coverage?: { inside, point }, exposures?: [{ id, point }] }. Points of the layer and of coverage are in percent, rounded down
   * to three decimals.
   */
  async assign({ snapshot, trust, now, flag, attribute, units }) {
    at(now);
    const client = await page(bytes(snapshot), trust);
    if (client.status().code) throw new Error(client.status().code);
    const studio = await loadStudio(file('../../pkg/studio/studio_bg.wasm'));
    return units.map((unit) => {
      const context = { [attribute]: unit };
      client.setContext(context);
      const { variant, reason } = client.peek(flag, '');
      const told = studio.explain({ snapshot: bytes(snapshot), trust, context, now: 1_000 * now }).flags[flag];
      if (told.variant !== variant || told.reason !== reason) throw new Error(`${unit}: engine and studio disagree`);
      const { layer, coverage } = told.trace.at(-1)?.experiment ?? {};
      const { id, point } = told.exposures?.[0] ?? {};
      return { variant, reason, layer, coverage, exposure: told.exposures && { id, point } };
    });
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
