// The records of releases in a bucket (`--records s3://...`), as several people and machines write them: part of stores.test.mjs.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';

import { FATES, proxy } from './faults.mjs';

const APPROVERS = ['alice', 'bob', 'carol', 'dan', 'eve'];
const RULES = `project: shop
environments: { production: {} }
attributes: { id: string }
units: { one: { attribute: id } }
flags:
  new: { type: boolean, whenOff: off, default: on }
`;

let prepared;

/**
 * The tests. `folder` is where commands run; `waft(parameters, env)` runs one -> Promise<{ status, out, err }>; `launch(store, parameters)`
 * starts one -> { ended }. `running()` is the store.
 */
export function inStore({ folder, waft, launch }, running) {
  const own = `${folder}/records`;
  const trusting = ['--trust', 'records/trust.json'];

  before(() => (prepared ??= prepare()));

  /** Keys, trust and rules: once for all stores. */
  async function prepare() {
    mkdirSync(own, { recursive: true });
    writeFileSync(`${own}/rules.yaml`, RULES);
    const keys = {};
    const made = async (name) => {
      const { out, err } = await waft(['keygen', '--out', `records/${name}.pem`]);
      assert.ok(out, err);
      const { kid, publicKey } = JSON.parse(out);
      keys[kid] = publicKey;
      return kid;
    };
    const publisher = await made('ci');
    const approvers = [];
    for (const name of APPROVERS) approvers.push(await made(name));
    const require = [
      { role: 'publisher', keys: [publisher] },
      { role: 'approver', keys: approvers, atLeast: APPROVERS.length },
    ];
    writeFileSync(`${own}/trust.json`, JSON.stringify({ project: 'shop', environment: 'production', keys, require }));
  }

  /** A folder of records of its own, and the commands of releases with it. */
  function at(name, env = running().env) {
    const records = `${running().to}/${name}/records`;
    const store = { env };
    const run = (parameters) => waft([...parameters, '--records', records], env);
    const done = async (...parameters) => {
      const { status, out, err } = await run(parameters);
      assert.equal(status, 0, `${parameters.join(' ')}: ${err}`);
      return out;
    };
    const start = (...parameters) => launch(store, [...parameters, '--records', records]).ended;
    const history = async () => {
      const lines = (await done('release', 'history', '--json')).trim().split('\n');
      return lines.map((line) => JSON.parse(line));
    };
    const kinds = async () => (await history()).map(({ kind }) => kind);
    return { records, to: `${running().to}/${name}/live`, run, done, start, history, kinds };
  }

  const propose = ['release', 'propose', 'records/rules.yaml', '--key', 'records/ci.pem', ...trusting];

  test('nothing in a bucket is an empty history, and is told where one is read', async () => {
    const { run } = at('nothing');
    const { status, err } = await run(['release', 'history']);
    assert.deepEqual([status, /there are no records: `waft release propose`/.test(err)], [1, true], err);
  });

  test('approvers at once write a record each, two publish, and one release is recorded', async () => {
    const { records, to, done, start, kinds, history, run } = at('release');
    await done(...propose);
    const shown = await run(['release', 'status', ...trusting]);
    const digest = /^digest (.*)$/m.exec(shown.out)[1];
    const approving = APPROVERS.map((name) => start('release', 'approve', '--key', `records/${name}.pem`, '--digest', digest, ...trusting));
    for (const { status, err } of await Promise.all(approving)) assert.ok(status === 0 || status === 3, err);
    const publishing = [1, 2].map(() => start('release', 'publish', '--to', to, ...trusting));
    for (const { status, err } of await Promise.all(publishing)) assert.equal(status, 0, err);
    assert.deepEqual(await kinds(), ['propose', ...APPROVERS.map(() => 'approve'), 'release']);
    await done('release', 'verify', ...trusting);
    const signers = (await history()).filter(({ kind }) => kind === 'approve').map(({ signed }) => signed[0].key);
    assert.equal(new Set(signers).size, APPROVERS.length);
    const read = await running().read('release/records/log.jsonl');
    assert.equal(read.bytes.toString().trim().split('\n').length, APPROVERS.length + 2);
    assert.ok((await history()).every(({ record }) => record.startsWith(records)));
  });

  test('of two who propose at once one is first, and the other is told', async () => {
    for (let round = 0; round < 5; round++) {
      const { start, kinds, done } = at(`race${round}/proposals`);
      const why = ['first', 'second', 'third'];
      const ended = await Promise.all(why.map((why) => start(...propose, '--why', why)));
      for (const { status, err } of ended) assert.ok(status === 0 || (status === 4 && /meanwhile/.test(err)), `${status} ${err}`);
      const proposed = ended.filter(({ status }) => status === 0).length;
      assert.deepEqual(
        await kinds(),
        Array.from({ length: proposed }, () => 'propose'),
      );
      await done('release', 'verify', ...trusting);
    }
  });

  test('a record of a kill is read by reports', async () => {
    const { records, done, kinds } = at('kills');
    copyFileSync(`${folder}/first.waft`, `${own}/killing.waft`);
    await done('kill', 'new', '--head', 'records/killing.waft', '--key', 'kill.pem', '--trust', 'trust.json');
    assert.deepEqual(await kinds(), ['kill']);
    const told = ['report', 'records/rules.yaml', '--environment', 'production', '--print-sql', 'sqlite', '--records'];
    const read = await waft([...told, records], running().env);
    assert.equal(read.status, 0, read.err);
    const missing = await waft([...told, `${records}/nowhere`], running().env);
    assert.deepEqual([missing.status, /there are no records/.test(missing.err)], [1, true], missing.err);
  });

  for (const fate of FATES) {
    test(`each request in turn is ${fate}, and a proposal is recorded once`, async (t) => {
      const between = await proxy(running().url);
      t.after(() => between.close());
      const through = (value) => value.replaceAll(running().url, between.url);
      const env = Object.fromEntries(Object.entries(running().env).map(([name, value]) => [name, through(value)]));
      let requests = 1;
      for (let request = 1; request <= requests; request++) {
        const { done, kinds } = at(`${fate.replaceAll(' ', '')}${request}`, env);
        between.begin(fate, request);
        await done(...propose);
        requests = between.requests();
        between.begin('', 0);
        assert.deepEqual(await kinds(), ['propose'], `${request}`);
        await done('release', 'verify', ...trusting);
      }
      assert.ok(requests >= 6, `${requests}`);
    });
  }
}
