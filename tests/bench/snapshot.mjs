// Waft's ruleset as a page gets it: linted, compiled and signed by two people, all with the `waft` program.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROLES = ['publisher', 'approver'];
/** What the program prints. */
export const waft = (binary, ...args) =>
  execFileSync(binary, args, { encoding: 'utf8', maxBuffer: 256 << 20, stdio: ['ignore', 'pipe', 'pipe'] });

/** Keys for a run, and the trust that asks for both. `folder` is made anew. */
export function keys(binary, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const signers = ROLES.map((role) => {
    const pem = join(folder, `${role}.pem`);
    return { role, pem, ...JSON.parse(waft(binary, 'keygen', '--out', pem)) };
  });
  const trust = {
    project: 'bench',
    environment: 'production',
    keys: Object.fromEntries(signers.map(({ kid, publicKey }) => [kid, publicKey])),
    require: signers.map(({ role, kid }) => ({ role, keys: [kid], atLeast: 1 })),
  };
  return { binary, folder, signers, trust };
}

/**
 * The signed snapshot of a ruleset: its files' texts, and by their names the files that it names. Throws if `waft lint` finds an
 * error. List files are left in the folder.
 */
export function snapshot({ binary, folder, signers, trust }, files, assets = {}) {
  const [source, out, trusted] = ['ruleset', 'snapshot.waft', 'trust.json'].map((file) => join(folder, file));
  rmSync(source, { recursive: true, force: true });
  mkdirSync(source);
  files.forEach((yaml, index) => writeFileSync(join(source, `${index}.yaml`), yaml));
  for (const [name, text] of Object.entries(assets)) writeFileSync(join(source, name), text);
  writeFileSync(trusted, JSON.stringify(trust));
  rmSync(out, { force: true });
  waft(binary, 'lint', source);
  waft(binary, 'build', source, '--environment', trust.environment, '--version', '1', '--out', out);
  for (const { role, pem } of signers) waft(binary, 'sign', out, '--key', pem, '--role', role);
  waft(binary, 'verify', out, '--trust', trusted);
  return readFileSync(out);
}

/**
 * A head for the snapshot that was made last, as of now: a kill list with one of its flags, and a pointer, by keys of their own. `trust` is the one
 * that asks for both besides.
 */
export function head({ binary, folder, trust }, flag) {
  const [file, trusted, live] = ['head.waft', 'heads.json', 'snapshot.waft'].map((name) => join(folder, name));
  for (const made of [file, join(folder, 'records')]) rmSync(made, { recursive: true, force: true });
  const held = ['kill', 'freshness'].map((role) => {
    const pem = join(folder, `${role}.pem`);
    rmSync(pem, { force: true });
    return { role, pem, ...JSON.parse(waft(binary, 'keygen', '--out', pem)) };
  });
  const whole = {
    ...trust,
    keys: { ...trust.keys, ...Object.fromEntries(held.map(({ kid, publicKey }) => [kid, publicKey])) },
    require: [...trust.require, ...held.map(({ role, kid }) => ({ role, keys: [kid], atLeast: 1 }))],
  };
  writeFileSync(trusted, JSON.stringify(whole));
  const [kill, freshness] = held.map(({ pem }) => ['--head', file, '--trust', trusted, '--key', pem]);
  waft(binary, 'kill', flag, ...kill, '--records', join(folder, 'records'));
  waft(binary, 'head', 'refresh', '--snapshot', live, ...freshness);
  return { bytes: readFileSync(file), trust: whole };
}
