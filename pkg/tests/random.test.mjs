// Random heads and chains of trust documents, which the core makes and judges: the package makes the same of them. RANDOM_SEED and RANDOM_COUNT
// ask for others.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { server, storage } from './fixture.mjs';
import { chainOf, engine, takenOf } from './played.mjs';

const folder = mkdtempSync(join(tmpdir(), 'waft-random-'));
after(() => rmSync(folder, { recursive: true }));
const { RANDOM_SEED = '1', RANDOM_COUNT = '1000' } = process.env;
execFileSync('cargo', ['test', '--quiet', '-p', 'waft-compile', '--test', 'head', '--test', 'chains', 'random'], {
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  env: { ...process.env, RANDOM_SEED, RANDOM_COUNT, RANDOM_CASES: folder },
  stdio: ['ignore', 'ignore', 'inherit'],
});
/** What all cases share, and the cases. */
const casesOf = (name) => readFileSync(join(folder, name), 'utf8').split('\n').map(JSON.parse);

test(`${RANDOM_COUNT} random sequences of heads: the same parts are taken, and refused by the same codes`, () => {
  const [{ now, trust }, ...cases] = casesOf('heads.jsonl');
  assert.equal(cases.length, Number(RANDOM_COUNT));
  for (const one of cases) assert.deepEqual(takenOf(one, trust, now), one.heads, `seed ${RANDOM_SEED}, ${one.name}`);
});

test(`${RANDOM_COUNT} random chains lead as far, and end by the same codes`, async (t) => {
  const [{ now }, ...cases] = casesOf('chains.jsonl');
  assert.equal(cases.length, Number(RANDOM_COUNT));
  let served;
  const url = await server(t, (_body, request) => [200, served.documents[request.url.slice(1) - served.trust.number - 1]]);
  for (served of cases.map((one) => ({ ...one, documents: one.documents.map((text) => Buffer.from(text, 'base64url')) }))) {
    const what = `seed ${RANDOM_SEED}, ${served.name}`;
    const { trust, documents, number, epoch, code } = served;
    storage();
    const chain = chainOf(trust);
    const missing = await chain.fetch(trust.number + documents.length, (number) => new URL(`${url}/${number}`));
    const refused = chain.walk(engine, now) ?? missing;
    assert.deepEqual([chain.anchor.number, chain.anchor.epoch, refused?.code ?? null], [number, epoch, code], what);
    // What was taken is kept, and leads as far again.
    const next = chainOf(trust);
    assert.deepEqual([next.walk(engine, now)?.code, next.anchor.number, next.anchor.epoch], [undefined, number, epoch], what);
  }
});
