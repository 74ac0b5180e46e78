// tests/vectors through the built package, for a way to get the engine: `vectors(options)` makes the tests, with options that each client gets.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recorder } from '../dist/exposures.js';
import { head } from '../dist/head.js';
import { createClient } from '../dist/index.js';
import { preview as shown } from '../dist/preview.js';
import { clock, PREVIEW_TRUST, snapshot, storage, token, TRUST } from './fixture.mjs';
import { Publisher, trusting } from './heads.mjs';

const FALLBACK = { boolean: null, string: null, number: null, object: null };
const READ = { boolean: 'getBooleanDetails', string: 'getStringDetails', number: 'getNumberDetails', object: 'getObjectDetails' };

/** What a map with a `$` stands for: tests/vectors/junk.py says it. */
function standsFor(value) {
  if (value?.$utf16) return String.fromCharCode(...value.$utf16);
  if (value?.$repeat) return value.$repeat[0].repeat(value.$repeat[1]);
  if (value?.$number) return Number(value.$number);
  return Array.isArray(value) ? value.map(standsFor) : value;
}

/** A file, the clock at its moment, and what a client of its ruleset is made with. */
function opened(name, more) {
  const file = JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), 'utf8'));
  const { ruleset, now } = file;
  return {
    file,
    move: clock(Date.parse(now)),
    options: {
      snapshot: snapshot({
        environment: 'test',
        issued: '2024-01-01T00:00Z',
        expires: '2030-01-01T00:00Z',
        ruleset: () => JSON.stringify(ruleset),
      }),
      trust: { ...TRUST, project: ruleset.project, environment: 'test' },
      exposures: recorder({ endpoint: 'http://127.0.0.1:9/refuses' }),
      ...more,
    },
  };
}

export function vectors(more) {
  for (const name of [
    'operators',
    'experiments',
    'decisions',
    'language',
    'junk',
    'ids',
    'versions',
    'environments',
    'patterns',
    'callers',
    'units',
  ]) {
    test(name, async () => {
      storage();
      const { file, move, options } = opened(name, more);
      const client = await createClient({ ...options, context: {} });
      assert.equal(client.status().code, undefined);
      const made = new Set();
      client.on('exposure', ({ id }) => made.add(id));
      const expected = new Set();
      for (const {
        flag,
        context,
        now = file.now,
        exposures,
        rule,
        variant,
        reason,
        errorCode = null,
        errorMessage = null,
        ...rest
      } of file.cases) {
        move(Date.parse(now));
        client.setContext(Object.fromEntries(Object.entries(context).map(([key, value]) => [key, standsFor(value)])));
        const type = file.ruleset.flags[flag]?.type ?? 'string';
        const details = client[READ[type]](flag, FALLBACK[type]);
        const told = JSON.stringify({ flag, context, now });
        assert.equal(details.variant, variant, told);
        assert.equal(details.reason, reason, told);
        // Which units are missing is what `units` tells; older files say no word of it.
        if (name === 'units') assert.deepEqual([details.errorCode ?? null, details.errorMessage ?? null], [errorCode, errorMessage], told);
        else if (reason === 'ERROR') assert.equal(details.errorCode, errorCode, told);
        if ('value' in rest) assert.deepEqual(details.value, rest.value, told);
        for (const { id } of exposures ?? []) expected.add(id);
      }
      await Promise.resolve();
      assert.deepEqual([...made].sort(), [...expected].sort());
      client.close();
    });
  }

  // What is remembered stands in storage before a page opens: each case has a page of its own.
  test('order', async () => {
    const { file, move, options } = opened('order', more);
    for (const { flag, context, remembered = {}, now, exposures = [], ...expected } of file.cases) {
      move(Date.parse(now));
      const lines = Object.entries(remembered).map((pair) => pair.join(' '));
      storage().setItem(`waft:sticky:${file.ruleset.project}/test`, lines.join('\n'));
      const client = await createClient({ ...options, context });
      const made = [];
      client.on('exposure', ({ id }) => made.push(id));
      const type = file.ruleset.flags[flag].type;
      const { variant, reason } = client[READ[type]](flag, FALLBACK[type]);
      const told = JSON.stringify({ flag, context, remembered, now });
      assert.deepEqual([variant, reason], [expected.variant, expected.reason], told);
      await Promise.resolve();
      await Promise.resolve();
      assert.deepEqual(
        made,
        exposures.map(({ id }) => id),
        told,
      );
      client.close();
    }
  });

  // A client is shown one token: each case has its own. Each token is signed by `waft token`, which refuses names that no flag has.
  test('previews', async () => {
    storage();
    const { file, move, options } = opened('previews', more);
    const trust = { ...PREVIEW_TRUST, project: file.ruleset.project, environment: 'test' };
    const tokens = new Map();
    function tokenOf(preview) {
      const text = JSON.stringify(preview);
      if (!tokens.has(text))
        tokens.set(text, token(options.snapshot, preview.flags, { trust, expires: preview.expires, now: Date.parse(file.now) }));
      return tokens.get(text);
    }
    for (const { flag, context, preview, now = file.now, exposures, validUntil, ...expected } of file.cases) {
      const known = ([flag, variant]) => file.ruleset.flags[flag]?.type === 'boolean' || file.ruleset.flags[flag]?.variants[variant];
      if (preview && !Object.entries(preview.flags).every(known)) {
        assert.throws(() => tokenOf(preview), /has/);
        continue;
      }
      move(Date.parse(file.now));
      const client = await createClient({ ...options, trust, context, preview: shown(preview && tokenOf(preview)) });
      assert.equal(client.status().code, undefined);
      assert.equal(client.status().preview, preview && Date.parse(preview.expires));
      move(Date.parse(now));
      let made = 0;
      client.on('exposure', () => made++);
      const type = file.ruleset.flags[flag]?.type ?? 'string';
      const { variant, value, reason, errorCode } = client[READ[type]](flag, FALLBACK[type]);
      const told = JSON.stringify({ flag, context, preview, now });
      for (const [name, ours] of Object.entries({ variant, reason, errorCode })) assert.equal(ours, expected[name], `${name}: ${told}`);
      if ('value' in expected) assert.deepEqual(value, expected.value, told);
      await Promise.resolve();
      await Promise.resolve();
      assert.equal(made, exposures?.length ?? 0, told);
      client.close();
    }
  });

  // Each list is signed by `waft kill`, and stands in front of the snapshot, as in a `current.waft`.
  test('kills', async () => {
    const { file, move, options } = opened('kills', more);
    const trust = trusting(['kill'], { ...PREVIEW_TRUST, project: file.ruleset.project, environment: 'test' });
    const lists = new Map();
    const listOf = (kills) => {
      const text = kills.join();
      if (!lists.has(text)) lists.set(text, kills.length ? new Publisher(trust).kill(...kills) : new Uint8Array());
      return lists.get(text);
    };
    for (const { flag, context, kills, preview, remembered = {}, killed, ...expected } of file.cases) {
      move(Date.parse(file.now));
      const lines = Object.entries(remembered).map((pair) => pair.join(' '));
      storage().setItem(`waft:sticky:${file.ruleset.project}/test`, lines.join('\n'));
      const whole = Buffer.concat([listOf(kills), options.snapshot]);
      const shows = preview && token(options.snapshot, preview.flags, { trust, expires: preview.expires, now: Date.parse(file.now) });
      const client = await createClient({ ...options, snapshot: whole, trust, context, head: head({ url: false }), preview: shown(shows) });
      const told = JSON.stringify({ flag, context, kills, preview });
      assert.equal(client.status().code, undefined, told);
      let made = 0;
      client.on('exposure', () => made++);
      const type = file.ruleset.flags[flag]?.type ?? 'string';
      const { variant, value, reason, errorCode, flagMetadata } = client[READ[type]](flag, FALLBACK[type]);
      const ours = { variant, reason, errorCode };
      for (const name of Object.keys(ours)) assert.equal(ours[name], expected[name] ?? undefined, `${name}: ${told}`);
      if ('value' in expected) assert.deepEqual(value, expected.value, told);
      assert.equal(flagMetadata.killed ?? null, killed, told);
      await Promise.resolve();
      await Promise.resolve();
      if (killed || 'exposures' in expected) assert.equal(made, expected.exposures?.length ?? 0, told);
      client.close();
    }
  });
}
