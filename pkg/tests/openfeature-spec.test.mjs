// Both providers by the OpenFeature specification's own suites: tests/vectors/openfeature. Each SDK runs every scenario but those that are listed
// here with their reason; how many ran is printed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as serverSdk from '@openfeature/server-sdk';
import * as webSdk from '@openfeature/web-sdk';
import { createClient } from '../dist/index.js';
import * as web from '../dist/openfeature.js';
import * as server from '../dist/openfeature-server.js';
import { clock, snapshot, storage, TRUST, until } from './fixture.mjs';
import { run, scenarios, SUITES } from './gherkin.mjs';

const FOLDER = new URL('../../tests/vectors/openfeature/', import.meta.url);
const NOW = Date.parse('2026-02-01T00:00:00Z');
const SNAPSHOT = snapshot({
  environment: 'test',
  issued: new Date(NOW - 1_000).toISOString(),
  expires: new Date(NOW + 1_000).toISOString(),
  ruleset: () => readFileSync(new URL('flags.yaml', FOLDER), 'utf8'),
});
const OPTIONS = { snapshot: SNAPSHOT, trust: { ...TRUST, project: 'openfeature', environment: 'test' } };

/** What a provider of each state is made of. */
const CLIENTS = {
  stable: (given) => createClient({ ...OPTIONS, ...given }),
  stale: (given) => createClient({ ...OPTIONS, ...given }),
  'not ready': () => new Promise(() => {}),
  error: (given) => createClient({ ...OPTIONS, ...given, snapshot: 'http://127.0.0.1:9/snapshot.waft' }),
  fatal: (given) => createClient({ ...OPTIONS, ...given, trust: TRUST }),
};

/** An SDK with a provider of ours, and the contexts of a scenario by their level. */
class World {
  contexts = { api: {}, transaction: {}, client: {}, invocation: {}, hook: {} };

  constructor({ OpenFeature }, { WaftProvider }) {
    this.sdk = OpenFeature;
    this.Provider = WaftProvider;
    this.client = OpenFeature.getClient();
  }

  /** Sets a provider, and waits until it is what it is to be. */
  async start(state) {
    const soon = state === 'stale' ? 20 : 1_000;
    const move = clock(NOW + 1_000 - soon);
    this.provider = new this.Provider(CLIENTS[state]);
    const set = this.sdk.setProviderAndWait(this.provider).catch(() => {});
    if (state !== 'not ready') await set;
    if (state === 'stale') move(NOW + 1_000);
    // The context by which it decides.
    this.provider.client?.on('contextChanged', ({ context }) => (this.decided = context));
  }

  reaches(status) {
    return until(() => this.client.providerStatus === status, status);
  }

  merged() {
    return this.decided;
  }

  async end() {
    await this.sdk.clearProviders();
    this.client.clearHooks();
    this.sdk.clearHooks();
    await this.sdk.setContext({});
  }
}

/** Evaluations have contexts of their own, at several levels. */
class ServerWorld extends World {
  constructor() {
    super(serverSdk, server);
    this.sdk.setTransactionContextPropagator(new serverSdk.AsyncLocalStorageTransactionContextPropagator());
  }

  add(level, key, value) {
    this.contexts[level][key] = value;
  }

  clear(level) {
    this.contexts[level] = {};
  }

  read(method, key, fallback, options) {
    const { api, transaction, client, invocation, hook } = this.contexts;
    this.sdk.setContext(api);
    this.client.setContext(client);
    const hooks = [...(options?.hooks ?? []), { before: () => hook }];
    let details;
    this.sdk.setTransactionContext(transaction, () => {
      details = this.client[method](key, fallback, invocation, { hooks });
    });
    this.wasPromise = details instanceof Promise;
    return details;
  }
}

/** The context is the page's, and a change of it is told to the provider. */
class WebWorld extends World {
  constructor() {
    super(webSdk, web);
  }

  async add(level, key, value) {
    this.contexts[level][key] = value;
    await this.sdk.setContext({ ...this.contexts.api, ...this.contexts.invocation });
  }

  async clear(level) {
    this.contexts[level] = {};
    await this.sdk.setContext(this.contexts.api);
  }

  read(method, key, fallback, options) {
    return this.client[method](key, fallback, options);
  }
}

const CACHED = [
  'the specification lets a provider do without it, and no decision of ours is an old one',
  ({ tags }) => tags.includes('@reason-codes-cached'),
];

/** What runs, and which scenarios do not: why, and how many. */
const RUNS = [
  { name: 'server', World: ServerWorld, leftOut: [[...CACHED, 2]] },
  {
    name: 'web',
    World: WebWorld,
    leftOut: [
      [...CACHED, 2],
      [
        'a page has one context, which is set ahead: none of a transaction, a client, an invocation or a hook',
        ({ suite, steps }) =>
          suite === 'contextMerging' && steps.some(({ text }) => /"(?:Transaction|Client|Invocation|Before Hooks)"/.test(text)),
        23,
      ],
      ['reads of a page are synchronous', ({ tags }) => tags.includes('@async'), 5],
    ],
  },
];

test.beforeEach(() => {
  storage();
  for (const { OpenFeature } of [serverSdk, webSdk]) OpenFeature.setLogger({ error() {}, warn() {}, info() {}, debug() {} });
});

for (const { name, World, leftOut } of RUNS) {
  test(`the specification's suites: ${name}`, async (t) => {
    const all = SUITES.flatMap(scenarios);
    const skipped = leftOut.map(([, fits]) => all.filter(fits));
    assert.deepEqual(
      skipped.map(({ length }) => length),
      leftOut.map(([, , count]) => count),
      'each of the list is there',
    );
    const left = all.filter((scenario) => !skipped.flat().includes(scenario));
    for (const [index, scenario] of left.entries()) {
      await t.test(`${scenario.suite} ${index}: ${scenario.name}`, async () => {
        const world = new World();
        try {
          await run(scenario, world);
        } finally {
          await world.end();
        }
      });
    }
    const reasons = leftOut.map(([reason], index) => `${skipped[index].length}: ${reason}`).join('; ');
    t.diagnostic(`openfeature ${name}: ${left.length} of ${all.length} scenarios ran; left out ${reasons}`);
  });
}

test('the ruleset has the flags of the specification', () => {
  const flags = JSON.parse(readFileSync(new URL('test-flags.json', FOLDER), 'utf8'));
  const ruleset = readFileSync(new URL('flags.yaml', FOLDER), 'utf8');
  const missing = Object.keys(flags).filter((key) => !ruleset.includes(`\n  ${key}:`));
  // A default is written in a ruleset.
  assert.deepEqual(missing, ['null-default-flag', 'undefined-default-flag']);
});
