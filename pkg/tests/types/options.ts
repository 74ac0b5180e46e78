// What is not chosen may be written as undefined, also under exactOptionalPropertyTypes: each option's default counts then. What decides about
// people is said: consent, and the key of pseudonyms.
import { type Context, createClient, createClientSync, type Options, type Trust } from 'waft';
import { cookie, storage } from 'waft/context';
import { devtools } from 'waft/devtools';
import { recorder } from 'waft/exposures';
import { head } from 'waft/head';
import { exposeHook, WaftProvider } from 'waft/openfeature';
import { overrides, preview } from 'waft/preview';
import { localRules } from 'waft/rules';
import { decide, headTags } from 'waft/server';
import { testClient } from 'waft/testing';
import { pin, poll, stream } from 'waft/updates';
import waft from 'waft/vite';

declare const trust: Trust;
declare const bytes: Uint8Array;
declare const number: number | undefined;
declare const truth: boolean | undefined;
declare const text: string | undefined;
declare const context: Context | undefined;
declare const isOwn: boolean;

const options: Options = {
  snapshot: '/snapshot.waft',
  trust,
  context,
  exposures: isOwn ? recorder({ endpoint: '/v1/logs', mode: undefined, robot: truth }) : undefined,
  updates: isOwn ? poll({ every: number, url: text }) : undefined,
  head: isOwn ? head({ url: text, documents: undefined }) : undefined,
  preview: preview(text),
  overrides: overrides(undefined, { keep: undefined }),
  devtools: devtools({ studio: undefined }),
  timeout: number,
  start: isOwn ? 'last-good' : undefined,
  quiet: truth,
  fallback: isOwn ? () => import('waft/compat') : undefined,
};
const client = await createClient(options);
createClientSync({ snapshot: bytes, trust, context, quiet: truth });
client.track('purchase', { value: number, dedupe: text });
cookie({ name: text, domain: text, days: number });
storage({ name: text });
stream({ url: '/changes', snapshot: text });
pin({ every: number, url: text });
decide(client, { context: {}, same: [], flags: undefined, needs: undefined, inline: undefined, maxAge: number, nonce: text });
headTags({ snapshot: '/snapshot.waft', head: text, modules: undefined });
testClient({ flags: undefined, context, ready: truth, mode: undefined }).setFlag('a', 1, { variant: text, experiment: text });
localRules({ ruleset: 'rules', environment: text, force: undefined, now: number, roots: undefined });
waft({ ruleset: 'rules', environment: text, roots: undefined, types: text, trust: text, snapshot: text, url: text, html: undefined });
new WaftProvider(client, { targetingKey: text, snapshotMetadata: truth, exposures: undefined });
exposeHook(undefined);

// @ts-expect-error nobody is counted because an answer is missing
recorder({ endpoint: '/v1/logs', consent: isOwn ? 'granted' : undefined });
// @ts-expect-error
cookie({ consent: isOwn ? 'granted' : undefined });
// @ts-expect-error units without pseudonyms
recorder({ endpoint: '/v1/logs', unitKey: text });
