// Waft's ruleset as a page gets it: linted, compiled and signed by two people, all with the `waft` program.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROLES = ['publisher', 'approver'];

/** Keys for a run, and the trust that asks for both. `folder` is made anew. */
export function keys(binary, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const waft = (...args) => execFileSync(binary, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const signers = ROLES.map((role) => {
    const pem = join(folder, `${role}.pem`);
    return { role, pem, ...JSON.parse(waft('keygen', '--out', pem)) };
  });
  const trust = {
    project: 'bench',
    environment: 'production',
    keys: Object.fromEntries(signers.map(({ kid, publicKey }) => [kid, publicKey])),
    require: signers.map(({ role, kid }) => ({ role, keys: [kid], atLeast: 1 })),
  };
  return { waft, folder, signers, trust };
}

/** The signed snapshot of a ruleset: its files' texts. Throws if `waft lint` finds an error. */
export function snapshot({ waft, folder, signers, trust }, files) {
  const [source, out, trusted] = ['ruleset', 'snapshot.waft', 'trust.json'].map((file) => join(folder, file));
  rmSync(source, { recursive: true, force: true });
  mkdirSync(source);
  files.forEach((yaml, index) => writeFileSync(join(source, `${index}.yaml`), yaml));
  writeFileSync(trusted, JSON.stringify(trust));
  rmSync(out, { force: true });
  waft('lint', source);
  waft('build', source, '--environment', trust.environment, '--version', '1', '--out', out);
  for (const { role, pem } of signers) waft('sign', out, '--key', pem, '--role', role);
  waft('verify', out, '--trust', trusted);
  return readFileSync(out);
}
