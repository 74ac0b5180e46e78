// tests/vectors/trust.json, played by what pages have: documents over HTTP, and the engine that verifies them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { server, storage } from './fixture.mjs';
import { chainOf, engine } from './played.mjs';

const { now, cases } = JSON.parse(readFileSync(new URL('../../tests/vectors/trust.json', import.meta.url), 'utf8'));

const reached = ({ anchor: { number, epoch } }, refused) => ({ number, epoch, code: refused?.code ?? null });
const expected = ({ number, epoch, code }) => ({ number, epoch, code });

test('each chain leads a page as far as the core', async (t) => {
  let served;
  const url = await server(t, (_body, request) => [200, served.documents[request.url.slice(1) - served.trust.number - 1]]);
  for (served of cases.map((one) => ({ ...one, documents: one.documents.map((text) => Buffer.from(text, 'base64url')) }))) {
    storage();
    const chain = chainOf(served.trust);
    const place = (number) => new URL(`${url}/${number}`);
    const missing = await chain.fetch(served.trust.number + served.documents.length, place);
    const refused = chain.walk(engine, now) ?? missing;
    assert.deepEqual(reached(chain, refused), expected(served), served.name);
    if (refused) assert.match(refused.url, /\/\d+$/, served.name);
    // What was taken is kept, and taken again, also when it has expired since.
    const next = chainOf(served.trust);
    assert.equal(next.walk(engine, now + 10_000), undefined, served.name);
    assert.deepEqual([next.anchor.number, next.anchor.epoch], [served.number, served.epoch], served.name);
  }
});

test('no flipped bit of what is kept is taken', () => {
  const { trust, documents } = cases.find(({ name }) => name === 'the same');
  const good = Buffer.from(documents[0], 'base64url');
  for (let bit = 0; bit < 8 * good.length; bit++) {
    const flipped = Buffer.from(good);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    storage().setItem('chain', flipped.toString('base64'));
    const chain = chainOf(trust);
    chain.walk(engine, now);
    assert.equal(chain.anchor.number, trust.number, `bit ${bit}`);
  }
});
