// Compiles examples/rules and signs it for the example in the current folder: public/snapshot.waft, and src/trust.json, which the page accepts.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('bin/waft.mjs', import.meta.resolve('waft/package.json')));
const waft = (...args) => execFileSync(process.execPath, [program, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

for (const folder of ['public', 'src']) mkdirSync(folder, { recursive: true });
const home = mkdtempSync(join(tmpdir(), 'waft-example-'));
try {
  // A key of your own stays in a safe place, and signs every snapshot.
  const [key, snapshot] = [join(home, 'publisher.pem'), 'public/snapshot.waft'];
  const { kid, publicKey } = JSON.parse(waft('keygen', '--out', key));
  const trust = {
    project: 'examples',
    environment: 'production',
    // A new key, a new epoch: browsers forget which version of yesterday's example they saw.
    epoch: Math.floor(Date.now() / 1_000),
    keys: { [kid]: publicKey },
    require: [{ role: 'publisher', keys: [kid] }],
  };
  writeFileSync('src/trust.json', `${JSON.stringify(trust, null, 2)}\n`);
  const rules = fileURLToPath(new URL('rules', import.meta.url));
  waft('build', rules, '--environment', 'production', '--version', '1', '--out', snapshot);
  waft('sign', snapshot, '--key', key, '--role', 'publisher');
} finally {
  rmSync(home, { recursive: true });
}
