// `waft publish` to stores that nobody here wrote, and records of releases in them: make stores. The program is target/debug/waft, or WAFT_PROGRAM.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { FATES, proxy } from './faults.mjs';
import { inStore } from './records.mjs';
import { startAzure, startGoogle, startS3 } from './servers.mjs';

const PROGRAM = process.env.WAFT_PROGRAM ?? fileURLToPath(new URL('../../target/debug/waft', import.meta.url));
const VERSIONS = [1, 2, 3, 4];
const RULES = `project: shop
environments: { production: {} }
attributes: { id: string }
units: { one: { attribute: id } }
flags:
  new: { type: boolean, whenOff: off, default: on }
`;

const folder = mkdtempSync(`${tmpdir()}/waft-stores-`);
const snapshots = {};

/** Runs waft to its end -> Promise<{ status, out, err }>. Not by spawnSync, as Google's adapter runs in this process. */
function waft(parameters, env = {}) {
  const child = spawn(PROGRAM, parameters, { cwd: folder, env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  return ended(child);
}

function ended(child) {
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, out, err })));
}

const publishing = (version, to, more = []) => ['publish', `${version}.waft`, '--to', to, '--trust', 'trust.json', ...more];

/** Publishes -> what was printed as JSON. */
async function publish(store, version, more) {
  const { status, out, err } = await waft(publishing(version, store.to, more), store.env);
  assert.equal(status, 0, err);
  return JSON.parse(out);
}

/** Starts a publisher -> { child, ended: Promise<{ status, err }> }. */
const start = (store, version) => launch(store, publishing(version, store.to));

function launch(store, parameters) {
  const options = { cwd: folder, env: { PATH: process.env.PATH, ...store.env }, stdio: ['ignore', 'pipe', 'pipe'] };
  const child = spawn(PROGRAM, parameters, options);
  return { child, ended: ended(child) };
}

before(async () => {
  writeFileSync(`${folder}/rules.yaml`, RULES);
  const [keys, require] = [{}, []];
  for (const role of ['publisher', 'freshness', 'kill']) {
    const { kid, publicKey } = JSON.parse((await waft(['keygen', '--out', `${role}.pem`])).out);
    keys[kid] = publicKey;
    require.push({ role, keys: [kid] });
  }
  writeFileSync(`${folder}/trust.json`, JSON.stringify({ project: 'shop', environment: 'production', keys, require }));
  for (const version of VERSIONS) {
    await waft(['build', 'rules.yaml', '--environment', 'production', '--version', String(version), '--out', `${version}.waft`]);
    const { status } = await waft(['sign', `${version}.waft`, '--key', 'publisher.pem', '--role', 'publisher']);
    assert.equal(status, 0);
    snapshots[version] = readFileSync(`${folder}/${version}.waft`);
  }
  // Two heads that follow one: a kill, and the pointer of the next release.
  await sign('head', 'refresh', '--head', 'first.waft', '--snapshot', '1.waft', '--key', 'freshness.pem');
  for (const name of ['killing.waft', 'next.waft']) copyFileSync(`${folder}/first.waft`, `${folder}/${name}`);
  await sign('kill', 'new', '--head', 'killing.waft', '--key', 'kill.pem');
  await sign('head', 'refresh', '--head', 'next.waft', '--snapshot', '2.waft', '--key', 'freshness.pem');
});

async function sign(...parameters) {
  const { status, err } = await waft([...parameters, '--trust', 'trust.json']);
  assert.equal(status, 0, err);
}
after(() => rmSync(folder, { recursive: true, force: true }));

// Of the others, what readers get of Cache-Control cannot be seen here.
for (const [name, startStore, keepsCaching] of [
  ['S3', startS3, false],
  ['Azure', startAzure, true],
  ['Google', startGoogle, false],
]) {
  describe(name, () => {
    let store;
    before(async () => {
      store = await startStore(folder);
    });
    after(() => store?.stop());

    test('a release is its own file and the live one', async () => {
      const told = await publish(store, 1, store.public ? ['--url', store.public] : []);
      assert.equal(told.written.length, 2);
      assert.equal(told.checked, store.public);
      for (const [file, cache] of [
        [told.written[0], 'public, max-age=31536000, immutable'],
        ['snapshot.waft', 'no-cache'],
      ]) {
        const found = await store.read(file);
        assert.deepEqual([found.status, found.bytes], [200, snapshots[1]], file);
        if (keepsCaching) assert.equal(found.cache, cache);
      }
      assert.deepEqual((await publish(store, 1)).written, []);
    });

    test('the next takes its place, and none goes back', async () => {
      await publish(store, 2);
      assert.deepEqual((await store.read('snapshot.waft')).bytes, snapshots[2]);
      const { status, err } = await waft(publishing(1, store.to), store.env);
      assert.deepEqual([status, /version 2 is live, and pages refuse to go back to 1/.test(err)], [1, true], err);
    });

    test('of several at once the latest is live', async () => {
      for (let round = 0; round < 5; round++) {
        const fresh = { ...store, to: `${store.to}/race${round}` };
        const ended = await Promise.all([2, 3, 1, 3].map((version) => start(fresh, version).ended));
        for (const { status, err } of ended) assert.ok(status === 0 || /is live, and pages refuse/.test(err), err);
        assert.deepEqual((await store.read(`race${round}/snapshot.waft`)).bytes, snapshots[3]);
      }
    });

    test('one that is killed leaves the old or the new', async () => {
      const fresh = { ...store, to: `${store.to}/killed` };
      await publish(fresh, 3);
      for (let pause = 0; pause < 200; pause += 10) {
        const { child, ended } = start(fresh, 4);
        await new Promise((resolve) => setTimeout(resolve, pause));
        child.kill('SIGKILL');
        await ended;
        const { bytes } = await store.read('killed/snapshot.waft');
        assert.ok(bytes.equals(snapshots[3]) || bytes.equals(snapshots[4]), `after ${pause} ms`);
      }
      await publish(fresh, 4);
      assert.deepEqual((await store.read('killed/snapshot.waft')).bytes, snapshots[4]);
    });

    test('of a kill and a release at once both are live', async () => {
      for (let round = 0; round < 5; round++) {
        const fresh = { ...store, to: `${store.to}/heads${round}` };
        await publish(fresh, 1, ['--head', 'first.waft']);
        const killing = ['publish', '--head', 'killing.waft', '--to', fresh.to, '--trust', 'trust.json'];
        const parameters = [killing, publishing(2, fresh.to, ['--head', 'next.waft'])];
        const ended = await Promise.all(parameters.map((one) => launch(fresh, one).ended));
        for (const { status, err } of ended) assert.equal(status, 0, err);
        const head = await store.read(`heads${round}/head.waft`);
        if (keepsCaching) assert.equal(head.cache, 'no-cache');
        const current = await store.read(`heads${round}/current.waft`);
        assert.deepEqual(current.bytes, Buffer.concat([head.bytes, snapshots[2]]));
        writeFileSync(`${folder}/read.waft`, head.bytes);
        const { out } = await waft(['verify', 'read.waft', '--trust', 'trust.json']);
        const { kills, pointer } = JSON.parse(out);
        assert.deepEqual([kills.flags, pointer.version], [['new'], 2]);
      }
    });

    for (const fate of FATES) {
      test(`each request in turn is ${fate}, and a release with its head is published`, async (t) => {
        const between = await proxy(store.url);
        t.after(() => between.close());
        const through = (value) => value.replaceAll(store.url, between.url);
        const env = Object.fromEntries(Object.entries(store.env).map(([name, value]) => [name, through(value)]));
        let requests = 1;
        for (let at = 1; at <= requests; at++) {
          const folder = `${fate.replaceAll(' ', '')}${at}`;
          const fresh = { to: `${store.to}/${folder}`, env };
          between.begin('', 0);
          await publish(fresh, 1, ['--head', 'first.waft']);
          between.begin(fate, at);
          const told = await publish(fresh, 2, ['--head', 'next.waft']);
          requests = between.requests();
          assert.deepEqual([told.live, told.head.live], [true, true], `${at}`);
          const [head, current] = [await store.read(`${folder}/head.waft`), await store.read(`${folder}/current.waft`)];
          assert.deepEqual(current.bytes, Buffer.concat([head.bytes, snapshots[2]]), `${at}`);
        }
        assert.ok(requests >= 12, `${requests}`);
      });
    }

    inStore({ folder, waft, launch }, () => store);

    // s3s-fs makes buckets by itself.
    test('a bucket that is missing is told', { skip: name === 'S3' }, async () => {
      const to = store.to.replace('shop', 'nowhere');
      const { status, err } = await waft(publishing(1, to, ['--timeout', '2']), store.env);
      assert.deepEqual([status, err.startsWith('waft: ')], [1, true], err);
    });
  });
}

// With a key, so that nothing asks the machine for a role.
const NOWHERE = { AWS_ENDPOINT: 'https://127.0.0.1:9', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };

test('records of a bucket that does not answer end with 5, and what is no bucket is told', async () => {
  const history = (records, env) => waft(['release', 'history', '--records', records], env);
  const slow = await history('s3://shop/releases', NOWHERE);
  assert.deepEqual([slow.status, /and the minute for it was over: try again later/.test(slow.err)], [5, true], slow.err);
  for (const [records, expected] of [
    ['az://shop', /--records az:.*AZURE_STORAGE_ACCOUNT_NAME/],
    ['s3://', /--records s3:.*expected a bucket/],
    ['https://shop.example/releases', /--records https:.*expected a folder, or a bucket/],
  ]) {
    const { status, err } = await history(records, NOWHERE);
    assert.deepEqual([status, expected.test(err)], [1, true], err);
  }
});

test('what the environment lacks is told', async () => {
  for (const [to, expected] of [
    ['s3://shop', /until --timeout was over/],
    ['az://shop', /AZURE_STORAGE_ACCOUNT_NAME/],
    ['s3://', /expected a bucket/],
  ]) {
    const { status, err } = await waft(publishing(1, to, ['--timeout', '1']), NOWHERE);
    assert.deepEqual([status, expected.test(err)], [1, true], err);
  }
});
