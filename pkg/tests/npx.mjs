// Two programs, `waft` and `npx waft`, and a folder in which each line of a test starts, for npx.test.mjs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const NATIVE = process.env.WAFT ?? join(root, 'target/release/waft');
/** When snapshots are made, in seconds since 1970: the start of 2025, before any machine's present. */
const EPOCH = '1735689600';
const LARGE = 1_000_000; // bytes; what is larger is not read
export const PACKAGED = join(root, 'pkg/bin/waft.mjs');

export const own = mkdtempSync(join(tmpdir(), 'waft-npx-'));
after(() => rmSync(own, { recursive: true, force: true }));

/** Runs a line of shell in a folder: `waft` is the program. */
export function shell(program, folder, line) {
  const env = { ...process.env, PROGRAM: program, SOURCE_DATE_EPOCH: EPOCH, TZ: 'UTC' };
  const script = `umask 022; waft() { "$PROGRAM" "$@"; }; ${line}`;
  const { status, stdout, stderr } = spawnSync('timeout', ['30', 'bash', '-c', script], { cwd: folder, env, encoding: 'latin1' });
  return { exit: status, out: stdout, err: stderr };
}

/** What is in a folder: path -> mode, size and digest, or where a link leads. Names may be of any bytes. */
function contents(folder, within = '', told = {}) {
  for (const name of readdirSync(Buffer.from(folder + within, 'latin1'), 'latin1').sort()) {
    const path = `${within}/${name}`;
    const bytes = Buffer.from(folder + path, 'latin1');
    const found = lstatSync(bytes);
    told[path] = found.mode.toString(8);
    if (found.isDirectory()) contents(folder, path, told);
    if (found.isSymbolicLink()) told[path] += ` to ${readlinkSync(bytes, 'latin1')}`;
    if (found.isFile()) told[path] += ` ${found.size}`;
    if (found.isFile() && found.size <= LARGE) told[path] += ` ${createHash('sha256').update(readFileSync(bytes)).digest('hex')}`;
  }
  return told;
}

/** The folder in which each line starts: a ruleset, a signed snapshot with its trust, a key, files that are none of these. */
export const start = join(own, 'start');
before(() => {
  assert.ok(existsSync(NATIVE), `${NATIVE}: make it with \`make waft\`, or set WAFT`);
  cpSync(join(root, 'examples/shop'), join(start, 'shop'), { recursive: true });
  const made = shell(
    NATIVE,
    start,
    `set -e
     waft init rules; waft keygen --out key.pem > key.json; waft keygen --out other.pem > other.json
     openssl pkcs8 -topk8 -in key.pem -passout pass:right -out encrypted.pem
     waft build rules --environment production --version 7 --expires 2090-01-01T00:00Z --out s.waft
     waft sign s.waft --key key.pem --role publisher; cp s.waft damaged.waft; printf x >> damaged.waft; head -c 99 s.waft > cut.waft
     waft build shop --environment production --version 1 --expires 2090-01-01T00:00Z --out public/shop.waft; waft sign public/shop.waft --key key.pem --role publisher
     echo 'flags: []' > bad.yaml; printf '\\xff\\xfe' > binary; mkdir empty; echo '{"visitorId":"v1"}' > context.json`,
  );
  assert.equal(made.exit, 0, made.err);
  const keys = ['key', 'other'].map((name) => JSON.parse(readFileSync(join(start, `${name}.json`), 'utf8')));
  for (const [file, folder] of [
    ['trust.json', 'rules/waft.yaml'],
    ['shop.json', 'shop/waft.yaml'],
  ]) {
    const project = /^project: (\S*)/m.exec(readFileSync(join(start, folder), 'utf8'))[1];
    const [publisher, preview] = keys;
    const trust = {
      project,
      environment: 'production',
      keys: { [publisher.kid]: publisher.publicKey, [preview.kid]: preview.publicKey },
      require: [
        { role: 'publisher', keys: [publisher.kid] },
        { role: 'preview', keys: [preview.kid] },
      ],
    };
    writeFileSync(join(start, file), JSON.stringify(trust));
  }
});

/** Checks that both do the same; returns what they did. */
export function same(line) {
  const [native, packaged] = [NATIVE, PACKAGED].map((program) => {
    // One after the other in the same, so that whole paths are equal, too.
    const folder = join(own, 'run');
    rmSync(folder, { recursive: true, force: true });
    // Not cpSync: it makes links absolute.
    spawnSync('cp', ['-a', start, folder]);
    const { exit, out, err } = shell(program, folder, line);
    // A temporary file that cannot be made is named by the native program.
    return { exit, out, err: err.replace(/ at path ".*\.waft-\w+\.tmp"/, ''), files: contents(folder) };
  });
  assert.deepEqual(packaged, native, line);
  return native;
}

/** Lines by the exit code that they end with. */
export function lines(name, table) {
  test(name, async (context) => {
    for (const [exit, line] of Object.entries(table).flatMap(([exit, all]) => all.map((line) => [Number(exit), line]))) {
      await context.test(line, () => {
        const done = same(line);
        assert.equal(done.exit, exit, done.err);
      });
    }
  });
}
