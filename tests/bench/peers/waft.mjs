// Waft, through its npm package as a page uses it. Both signatures are checked in every load.
import { createClient } from 'waft';
import { recorder } from 'waft/exposures';
import { loadStudio } from 'waft/studio';

export const name = 'waft';

/** The flags of one file: waft reads files of up to 4 MiB. */
const FLAGS_A_FILE = 1_000;

const PROJECT = `
project: bench
environments: { production: {} }
units: { user: { attribute: userId } }
attributes: { userId: string, country: string, plan: string, appVersion: semver, age: number }
`;

const flagText = ({ key, country, plans, version }) => `
  ${key}:
    type: boolean
    whenOff: off
    rules:
      - { id: country, if: { country: { is: "${country}" } }, serve: on }
      - { id: plan, if: { plan: { in: [${plans}] } }, serve: off }
      - { id: version, if: { appVersion: { gte: ${version} } }, serve: on }
      - { id: test, experiment: ${key} }
    default: off`;

const experimentText = ({ key }) => `
  ${key}: { unit: user, phases: [{ id: 1, from: 2026-01-01T00:00Z, coverage: 100%, split: { on: 50%, off: 50% } }] }`;

/** Files of YAML; snapshot.mjs compiles and signs them. */
export function ruleset(flags) {
  const files = [PROJECT];
  for (let from = 0; from < flags.length; from += FLAGS_A_FILE) {
    const some = flags.slice(from, from + FLAGS_A_FILE);
    files.push(`flags:${some.map(flagText).join('')}\nexperiments:${some.map(experimentText).join('')}\n`);
  }
  return files;
}

let trust;

/** The engine is compiled by the first client. */
export function prepare(assets) {
  trust = assets.trust;
}

/** A client. Without options of `recorder`, as everywhere but in the row about it, no exposures are recorded. */
export async function load(bytes, context, options) {
  const exposures = options && recorder(options);
  // One page meets two rulesets here, as one never does: each has an epoch of its own, or the second would be a conflict.
  const client = await createClient({ snapshot: bytes, trust: { ...trust, epoch: bytes.length }, context, exposures });
  if (!client.snapshot) throw new Error(`waft refused its snapshot: ${client.status().code}`);
  return client;
}

export const setContext = (client, context) => client.setContext(context);
export const decide = (client, key) => client.getBooleanValue(key, false);
export const peek = (client, key) => client.peek(key, false).value;
export const close = (client) => client.close();
/** How many exposures were written. */
export function recorded(client) {
  const { queued, sent } = client.status();
  return queued + sent;
}

/** One flag over a population whose contexts were read before, by the studio: answers a function that decides it for all. */
export async function preview(bytes, users, key) {
  // In Node the module is a file; a page fetches it.
  const files = globalThis.process?.getBuiltinModule?.('node:fs');
  const studio = await loadStudio(files?.readFileSync(new URL(import.meta.resolve('waft/studio_bg.wasm'))));
  const population = studio.population({ snapshot: bytes, trust, contexts: users });
  return () => population.count(key).on;
}
