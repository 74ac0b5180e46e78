// The commands in Node: `waft init`, `lint`, `build`, `sign`, `eval` and the rest over a host in JavaScript, with its files in memory.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { initSync, run } from '../node/node.js';

initSync({ module: readFileSync(new URL('../node/node_bg.wasm', import.meta.url)) });

const NOW = Date.parse('2026-11-24T00:00Z');

/** An error as Node's file system throws it. */
const failure = (code, path) => Object.assign(new Error(`${code}: ${path}`), { code });

/** A world with files, and `waft` in it: `{ exit, out, err }` of each call. */
function world(initial = {}) {
  const files = new Map(Object.entries(initial).map(([path, text]) => [path, new TextEncoder().encode(text)]));
  const secrets = new Set();
  let said;
  const host = {
    roots: null,
    findings: [],
    read(path) {
      if (!files.has(path)) throw failure('ENOENT', path);
      return files.get(path);
    },
    readAtMost: (path, most) => host.read(path).subarray(0, most),
    input: () => host.read('-'),
    readAsset: (_, path) => host.read(path),
    write: (path, bytes) => void files.set(path, bytes),
    isFile: () => true,
    create(path, bytes, secret) {
      if (files.has(path)) throw failure('EEXIST', path);
      files.set(path, bytes);
      if (secret) secrets.add(path);
    },
    list(path, roots) {
      host.roots = roots;
      const inside = [...files.keys()].filter((name) => name === path || (name.startsWith(`${path}/`) && name.endsWith('.yaml')));
      if (inside.length === 0) throw failure('ENOENT', path);
      return { files: inside.sort(), findings: host.findings };
    },
    isOpenToOthers: (path) => !secrets.has(path),
    now: () => NOW,
    random: () => new Uint8Array(32).fill(7),
    variable: () => undefined,
    ask: () => undefined,
    print: (stream, line) => said[stream].push(line),
  };
  const waft = (...line) => {
    said = { out: [], err: [] };
    return { exit: run(line, host), ...said };
  };
  return { files, host, waft };
}

/** A world in which a signed snapshot and its trust are. */
function released() {
  const own = world();
  assert.equal(own.waft('init').exit, 0);
  const { kid, publicKey } = JSON.parse(own.waft('keygen', '--out', 'key.pem').out[0]);
  const project = /^project: (.*)$/m.exec(new TextDecoder().decode(own.files.get('ruleset/waft.yaml')))[1];
  const trust = {
    project,
    environment: 'production',
    keys: { [kid]: publicKey },
    require: [{ role: 'publisher', keys: [kid] }],
  };
  own.files.set('trust.json', new TextEncoder().encode(JSON.stringify(trust)));
  const built = own.waft('build', 'ruleset', '--environment', 'production', '--version', '1', '--out', 's.waft');
  assert.equal(built.exit, 0, built.err.join('\n'));
  assert.equal(own.waft('sign', 's.waft', '--key', 'key.pem', '--role', 'publisher').exit, 0);
  return own;
}

test('a ruleset is started, built, signed, verified and evaluated', () => {
  const { waft } = released();
  const verified = waft('verify', 's.waft', '--trust', 'trust.json');
  assert.deepEqual([verified.exit, JSON.parse(verified.out[0]).version], [0, 1]);
  const evaluated = waft('eval', 's.waft', '--trust', 'trust.json', '--context', '{"visitorId":"v1"}');
  assert.equal(evaluated.exit, 0);
  const flags = JSON.parse(evaluated.out.join('\n'));
  assert.ok(Object.keys(flags).length > 0);
  for (const flag of Object.values(flags)) assert.ok(flag.variant && flag.reason, JSON.stringify(flag));
  const explained = waft('explain', 's.waft', '--trust', 'trust.json', '--context', '{"visitorId":"v1"}');
  assert.deepEqual([explained.exit, explained.out.length > Object.keys(flags).length], [0, true]);
  const inspected = JSON.parse(waft('inspect', 's.waft').out.join('\n'));
  assert.deepEqual(Object.keys(inspected.flags).sort(), Object.keys(flags).sort());
});

test('lint finds what is wrong, and fails', () => {
  const { host, waft } = world({ 'rules/a.yaml': 'project: shop\nenvironments: { production: {} }\nflags: []\n' });
  const linted = waft('lint', 'rules', '--root', '/shared', '--format', 'json');
  assert.equal(linted.exit, 1);
  const [{ code, file, line }] = JSON.parse(linted.out.join('\n'));
  assert.deepEqual([code, file, line], ['EXPECTED_MAP', 'rules/a.yaml', 3]);
  assert.deepEqual(host.roots, ['/shared']);
});

test('what a host finds wrong with paths is a finding', () => {
  const { host, waft } = released();
  host.findings = [{ code: 'NOT_A_FILE', file: 'ruleset/pipe', message: 'a named pipe', remedy: 'remove it', isWarning: true }];
  const warned = waft('lint', 'ruleset');
  assert.equal(warned.exit, 0, warned.err.join('\n'));
  assert.match(warned.out[0], /^ruleset\/pipe:1:1: warning\[NOT_A_FILE\]: a named pipe: remove it$/);
  host.findings[0].isWarning = undefined;
  assert.equal(waft('lint', 'ruleset').exit, 1);
  host.findings[0].code = 'NO_SUCH_CODE';
  assert.match(waft('lint', 'ruleset').err[0], /NO_SUCH_CODE/);
});

test('nothing is overwritten, and what fails says why', () => {
  const { host, waft } = released();
  assert.match(waft('keygen', '--out', 'key.pem').err[0], /key\.pem: .*never overwritten/);
  assert.match(waft('inspect', 'absent').err[0], /^waft: absent: ENOENT: absent$/);
  host.write = () => {
    throw new Error('the disk is full');
  };
  const signed = waft('sign', 's.waft', '--key', 'key.pem', '--role', 'publisher');
  assert.deepEqual([signed.exit, signed.err.at(-1)], [1, 'waft: s.waft: the disk is full']);
});

test('arguments are those of the program', () => {
  const { waft } = world();
  const help = waft('--help');
  assert.equal(help.exit, 0);
  assert.match(help.out[0], /Usage: waft <COMMAND>/);
  assert.match(help.out[0], /^ {2}serve .*native program$/m);
  const served = waft('serve', '--port', '0');
  assert.equal(served.exit, 2);
  assert.match(served.err[0], /^waft: `waft serve` needs a server and a database, .*cargo build/);
  const misspelt = waft('lint', 'rules', '--formt', 'json');
  assert.equal(misspelt.exit, 2);
  assert.match(misspelt.err[0], /'--format'/);
});
