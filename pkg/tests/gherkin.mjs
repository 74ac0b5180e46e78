// Runs scenarios of the OpenFeature specification: @cucumber/gherkin reads them, and the steps below do what they say, by a world that has
// an SDK with a provider of ours.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin';
import { IdGenerator } from '@cucumber/messages';

const FOLDER = new URL('../../tests/vectors/openfeature/', import.meta.url);
export const SUITES = ['evaluation', 'evaluation_v2', 'contextMerging', 'hooks', 'metadata'];

/** The scenarios of a suite, each row of an outline by itself: its name, its tags and its steps. */
export function scenarios(suite) {
  const file = `${suite}.feature`;
  const newId = IdGenerator.uuid();
  const parser = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher());
  const pickles = compile(parser.parse(readFileSync(new URL(file, FOLDER), 'utf8')), file, newId);
  return pickles.map(({ name, tags, steps }) => ({
    suite,
    name,
    tags: tags.map(({ name }) => name),
    steps: steps.map(({ text, argument }) => ({
      text,
      table: argument?.dataTable?.rows.map(({ cells }) => cells.map(({ value }) => value)),
    })),
  }));
}

/** Does what a scenario says. A step that nobody knows, or that two know, fails. */
export async function run({ steps }, world) {
  for (const { text, table } of steps) {
    const fitting = STEPS.flatMap(([pattern, work]) => (pattern.test(text) ? [[pattern.exec(text).slice(1), work]] : []));
    assert.equal(fitting.length, 1, `${fitting.length} steps for: ${text}`);
    const [[parts, work]] = fitting;
    await work(world, ...parts, ...(table ? [table] : []));
  }
}

const READERS = {
  boolean: (text) => text === 'true',
  string: (text) => text,
  integer: Number,
  float: Number,
  object: (text) => JSON.parse(text.replaceAll('\\"', '"')),
};
/** A value as the specification writes it. */
const read = (type, text) => (text === 'null' ? undefined : READERS[type.toLowerCase()](text));
const TYPES = { boolean: 'Boolean', string: 'String', integer: 'Number', float: 'Number', object: 'Object' };
const LEVELS = { API: 'api', Transaction: 'transaction', Client: 'client', Invocation: 'invocation', 'Before Hooks': 'hook' };
const LEVEL_NAMES = { flag_key: 'flagKey', error_code: 'errorCode' };

/** Reads a flag, and keeps its details. */
async function evaluate(world, type, key, fallback, options) {
  world.type = type;
  world.fallback = fallback;
  world.details = await world.read(`get${TYPES[type]}Details`, key, fallback, options);
}

/** A hook that notes what it is called with. */
function noting(calls, name = '') {
  const note = (stage) => (_context, details) => {
    calls.push({ stage, name, details });
  };
  return { before: note('before'), after: note('after'), error: note('error'), finally: note('finally') };
}

const STEPS = [
  [/^a (stable|not ready|error|fatal|stale) provider$/, (world, state) => world.start(state)],
  [
    /^an? (\w+)-flag with key "(.*)" and a fallback value "(.*)"$/i,
    (world, type, key, fallback) => {
      world.flag = [type.toLowerCase(), key, read(type, fallback)];
    },
  ],
  [
    /^a context containing a key "(.*)", with type "(\w+)" and with value "(.*)"$/,
    (world, key, type, value) => world.add('invocation', key, read(type, value)),
  ],
  [/^a context containing a key "(.*)" with null value$/, (world, key) => world.add('invocation', key, null)],
  [
    /^evaluation options containing specific hooks$/,
    (world) => {
      world.calls = [];
      world.options = { hooks: [noting(world.calls, 'first'), noting(world.calls, 'second')] };
    },
  ],
  [
    /^an evaluation context with modifiable data$/,
    async (world) => {
      await world.add('invocation', 'email', 'ballmer@macrosoft.com');
      world.original = structuredClone(world.contexts.invocation);
    },
  ],
  [
    /^a client with added hook$/,
    (world) => {
      world.calls = [];
      world.client.addHooks(noting(world.calls));
    },
  ],
  [/^the flag was evaluated with details(?: asynchronously)?$/, (world) => evaluate(world, ...world.flag)],
  [/^the flag was evaluated with details using the evaluation options$/, (world) => evaluate(world, ...world.flag, world.options)],
  [
    /^the evaluation should complete without blocking$/,
    (world) => {
      assert.ok(world.wasPromise);
    },
  ],
  [/^the resolved details value should be "(.*)"$/, ({ details, type }, value) => assert.deepEqual(details.value, read(type, value))],
  [/^the reason should be "(.*)"$/, ({ details }, reason) => assert.equal(details.reason, reason)],
  [/^the error-code should be "(.*)"$/, ({ details }, code) => assert.equal(details.errorCode, code)],
  [/^the flag key should be "(.*)"$/, ({ details }, key) => assert.equal(details.flagKey, key)],
  [/^the variant should be "([^"]*)"$/, ({ details }, variant) => assert.equal(details.variant, variant)],
  [
    /^the resolved metadata should contain$/,
    ({ details }, [, ...rows]) => {
      for (const [key, type, value] of rows) assert.deepEqual(details.flagMetadata[key], read(type, value));
    },
  ],
  [/^the resolved metadata is empty$/, ({ details }) => assert.deepEqual(details.flagMetadata, {})],
  [/^the provider status should be "(.*)"$/, (world, status) => world.reaches(status)],
  [
    /^the specified hooks should execute during evaluation$/,
    ({ calls }) =>
      assert.deepEqual(
        calls.map(({ stage }) => stage),
        ['before', 'before', 'after', 'after', 'finally', 'finally'],
      ),
  ],
  [
    /^the hook order should be maintained$/,
    ({ calls }) =>
      assert.deepEqual(
        calls.map(({ name }) => name),
        ['first', 'second', 'second', 'first', 'second', 'first'],
      ),
  ],
  [
    /^the original evaluation context should remain unmodified$/,
    ({ contexts, original }) => assert.deepEqual(contexts.invocation, original),
  ],
  [
    /^the evaluation details should be immutable$/,
    ({ details }) => {
      assert.throws(() => (details.flagMetadata.other = 1), TypeError);
    },
  ],
  // hooks.feature
  [/^the "(\w+)" hook should have been executed$/, ({ calls }, stage) => assert.ok(calls.some((call) => call.stage === stage))],
  [
    /^the "(.*)" hooks should be called with evaluation details$/,
    ({ calls }, stages, [, ...rows]) => {
      for (const wanted of stages.split(', ')) {
        const [call] = calls.filter(({ stage }) => stage === wanted);
        for (const [type, key, value] of rows)
          assert.deepEqual(call.details[LEVEL_NAMES[key] ?? key], read(type, value), `${wanted}: ${key}`);
      }
    },
  ],
  // contextMerging.feature
  [/^a stable provider with retrievable context is registered$/, (world) => world.start('stable')],
  [
    /^A context entry with key "(.*)" and value "(.*)" is added to the "(.*)" level$/,
    (world, key, value, level) => world.add(LEVELS[level], key, value),
  ],
  [
    /^A table with levels of increasing precedence$/,
    (world, table) => {
      world.levels = table.map(([level]) => level);
    },
  ],
  [
    /^Context entries for each level from API level down to the "(.*)" level, with key "(.*)" and value "(.*)"$/,
    async (world, last, key) => {
      for (const level of world.levels.slice(0, world.levels.indexOf(last) + 1)) await world.add(LEVELS[level], key, level);
    },
  ],
  [/^Some flag was evaluated$/, (world) => evaluate(world, 'boolean', 'boolean-flag', false)],
  [
    /^The merged context contains an entry with key "(.*)" and value "(.*)"$/,
    (world, key, value) => assert.equal(world.merged()[key], value),
  ],
  // evaluation.feature, whose steps are deprecated
  [
    /^an? (\w+) flag with key "(.*)" is evaluated with (?:details and )?default value "?([^"]*)"?$/,
    (world, type, key, fallback) => evaluate(world, type, key, read(type, fallback)),
  ],
  [
    /^an object flag with key "(.*)" is evaluated with (?:details and )?a null default value$/,
    (world, key) => evaluate(world, 'object', key, null),
  ],
  [
    /^the resolved (boolean|string|integer|float) value should be "?([^"]*)"?$/,
    ({ details }, type, value) => assert.deepEqual(details.value, read(type, value)),
  ],
  [
    /^the resolved object (?:details )?value should be contain fields "(.*)", "(.*)", and "(.*)", with values "(.*)", "(.*)" and (\d+), respectively$/,
    ({ details }, one, two, three, first, second, third) =>
      assert.deepEqual(details.value, { [one]: first === 'true', [two]: second, [three]: Number(third) }),
  ],
  [
    /^the resolved (\w+) details value should be "?([^"]*)"?, the variant should be "(.*)", and the reason should be "(.*)"$/,
    ({ details }, type, value, variant, reason) =>
      assert.deepEqual([details.value, details.variant, details.reason], [read(type, value), variant, reason]),
  ],
  [
    /^the variant should be "([^"]*)", and the reason should be "(.*)"$/,
    ({ details }, variant, reason) => assert.deepEqual([details.variant, details.reason], [variant, reason]),
  ],
  [
    /^context contains keys "(.*)", "(.*)", "(.*)", "(.*)" with values "(.*)", "(.*)", (\d+), "(.*)"$/,
    async (world, fn, ln, age, customer, ...values) => {
      await world.add('invocation', fn, values[0]);
      await world.add('invocation', ln, values[1]);
      await world.add('invocation', age, Number(values[2]));
      await world.add('invocation', customer, values[3] === 'true');
    },
  ],
  [
    /^a flag with key "(.*)" is evaluated with default value "(.*)"$/,
    (world, key, fallback) => {
      world.flag = ['string', key, fallback];
      return evaluate(world, ...world.flag);
    },
  ],
  [/^the resolved string response should be "(.*)"$/, ({ details }, value) => assert.equal(details.value, value)],
  [
    /^the resolved flag value is "(.*)" when the context is empty$/,
    async (world, value) => {
      await world.clear('invocation');
      await evaluate(world, ...world.flag);
      assert.equal(world.details.value, value);
    },
  ],
  [
    /^a non-existent string flag with key "(.*)" is evaluated with details and a fallback value "(.*)"$/,
    (world, key, fallback) => evaluate(world, 'string', key, fallback),
  ],
  [
    /^a string flag with key "(.*)" is evaluated as an integer, with details and a fallback value (\d+)$/,
    (world, key, fallback) => evaluate(world, 'integer', key, Number(fallback)),
  ],
  [/^the default \w+ value should be returned$/, ({ details, fallback }) => assert.equal(details.value, fallback)],
  [
    /^the reason should indicate an error and the error code should indicate .* with "(.*)"$/,
    ({ details }, code) => assert.deepEqual([details.reason, details.errorCode], ['ERROR', code]),
  ],
];
