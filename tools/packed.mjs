// Uses a packed package as whoever installs it: node tools/packed.mjs TARBALL. It is installed in an empty folder; `waft` makes, tests and signs a
// ruleset there; and Node decides a flag by `import` and by `require`, and refuses a changed byte. Needs npm, and nothing of this repository. CI runs it
// on Linux, macOS and Windows.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [tarball] = process.argv.slice(2);
if (!tarball) throw new Error('which tarball? node tools/packed.mjs waft-0.1.0.tgz');
const folder = mkdtempSync(join(tmpdir(), 'waft-packed-'));
const isWindows = process.platform === 'win32';
const run = (program, ...args) => {
  // What ends with .cmd is for a shell alone, on Windows.
  const shell = isWindows && program !== process.execPath;
  return execFileSync(program, shell ? args.map((arg) => `"${arg}"`) : args, {
    cwd: folder,
    shell,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
};
const waft = (...args) => run('npx', '--offline', 'waft', ...args);

/** What both modules do with the client's entry. */
const USE = `
  const rules = fs.readFileSync('snapshot.waft');
  const decide = async (snapshot) => {
    const client = await createClient({ snapshot, trust, context: { visitorId: 'v1', country: 'DE' }, quiet: true });
    const told = [client.getBooleanValue('new-checkout', false), client.status().code];
    client.close();
    return told;
  };
  const changed = Uint8Array.from(rules);
  changed[changed.length - 1] ^= 1;
  console.log(JSON.stringify([await decide(rules), await decide(changed)]));`;
const WANTED = JSON.stringify([
  [true, null],
  [false, 'DIGEST_MISMATCH'],
]);

try {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  run('npm', 'install', '--offline', '--no-audit', '--no-fund', '--silent', resolve(tarball));
  waft('init', 'rules');
  waft('lint', 'rules');
  waft('test', 'rules');
  const { kid, publicKey } = JSON.parse(waft('keygen', '--out', 'publisher.pem'));
  waft('build', 'rules', '--environment', 'production', '--version', '1', '--out', 'snapshot.waft');
  waft('sign', 'snapshot.waft', '--key', 'publisher.pem', '--role', 'publisher');
  const trust = {
    project: 'my-project',
    environment: 'production',
    keys: { [kid]: publicKey },
    require: [{ role: 'publisher', keys: [kid] }],
  };
  const trusted = `const trust = ${JSON.stringify(trust)};`;
  writeFileSync(join(folder, 'use.mjs'), `import fs from 'node:fs';\nimport { createClient } from 'waft';\n${trusted}\n${USE}\n`);
  writeFileSync(
    join(folder, 'use.cjs'),
    `const fs = require('node:fs');\nconst { createClient } = require('waft');\n${trusted}\n(async () => {${USE}\n})();\n`,
  );
  for (const file of ['use.mjs', 'use.cjs']) {
    const told = run(process.execPath, file).trim();
    if (told !== WANTED) throw new Error(`${file}: ${told}, and not ${WANTED}`);
    console.log(`${file}: ${told}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
