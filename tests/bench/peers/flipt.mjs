// Flipt: a Rust engine as WebAssembly, in its slim build, which takes the module apart from the JavaScript.
import { FliptClient } from '@flipt-io/flipt-client-js/slim';

export const name = 'Flipt';
/** The engine's file, below node_modules. */
export const WASM = '@flipt-io/flipt-client-js/dist/flipt_engine_wasm_js_bg.wasm';

// Flipt has no comparison of semantic versions: the page sends the version as one number.
const versionNumber = (version) => version.split('.').reduce((number, part) => 1_000 * number + Number(part), 0);

const segment = (key, rank, value, constraint) => ({
  type: 'SEGMENT_ROLLOUT_TYPE',
  rank,
  segment: {
    value,
    segmentOperator: 'OR_SEGMENT_OPERATOR',
    segments: [{ key: `${key}-${rank}`, matchType: 'ALL_SEGMENT_MATCH_TYPE', constraints: [constraint] }],
  },
});
const text = (property, operator, value) => ({ type: 'STRING_CONSTRAINT_COMPARISON_TYPE', property, operator, value });

export const ruleset = (flags) =>
  JSON.stringify({
    namespace: { key: 'default' },
    flags: flags.map(({ key, country, plans, version }) => ({
      key,
      name: key,
      type: 'BOOLEAN_FLAG_TYPE',
      enabled: false,
      rules: [],
      rollouts: [
        segment(key, 1, true, text('country', 'eq', country)),
        segment(key, 2, false, text('plan', 'isoneof', JSON.stringify(plans))),
        segment(key, 3, true, {
          type: 'NUMBER_CONSTRAINT_COMPARISON_TYPE',
          property: 'appVersion',
          operator: 'gte',
          value: String(versionNumber(version)),
        }),
        // Hashed with the flag's key: there is no salt of one's own.
        { type: 'THRESHOLD_ROLLOUT_TYPE', rank: 4, threshold: { percentage: 50, value: true } },
      ],
    })),
  });

export const PAGE = `
import { FliptClient } from '@flipt-io/flipt-client-js/slim';
const client = await FliptClient.init({ url: '/flipt' }, { wasm: '/engine.wasm' });
document.title = client.evaluateVariant({ flagKey: 'headline', entityId: 'v1', context: {} }).variantKey;`;

let wasm;

/** Compiles the engine; loading a client makes an instance of it if there is none yet. */
export async function prepare(assets) {
  wasm = await WebAssembly.compile(assets.wasm);
}

// Its context knows strings only.
export const contextOf = ({ userId, country, plan, appVersion, age }) => ({
  entityId: userId,
  context: { country, plan, appVersion: String(versionNumber(appVersion)), age: String(age) },
});

export async function load(bytes, request) {
  const body = { ok: true, status: 200, statusText: '', headers: { get: () => null } };
  const fetcher = async () => ({ ...body, json: async () => JSON.parse(new TextDecoder().decode(bytes)) });
  // In an object, or its glue writes a warning to the console in every load.
  const client = await FliptClient.init({ fetcher }, { wasm: { module_or_path: wasm } });
  return { client, request };
}

export function setContext(client, request) {
  client.request = request;
}

export const decide = ({ client, request: { entityId, context } }, flagKey) =>
  client.evaluateBoolean({ flagKey, entityId, context }).enabled;
// One call for all of them.
export const decideAll = ({ client, request: { entityId, context } }, keys) =>
  client.evaluateBatch(keys.map((flagKey) => ({ flagKey, entityId, context }))).responses.length;
// Its engine is freed by a finalizer of its own.
export const close = () => {};
