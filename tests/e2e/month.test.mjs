// A month of a shop on a simulated clock (clock.mjs), by the released program, with pages in Chromium that follow along: one that stays open, and one
// visit a day. Releases that somebody approves, nightly deployment of staging, a ramp, a regression that the guard finds and takes back,
// a key that is rotated, a stolen key that is revoked, and a kill.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { Clock } from './clock.mjs';

const DAY = 86_400_000;
const DIST = new URL('../../pkg/dist/', import.meta.url);
const START = Date.parse('2027-03-01T08:00:00Z');
const CONTEXT = { visitorId: 'v1', country: 'DE' };

const RULES = `project: shop
environments:
  staging: { require: { publisher: 1 } }
  production: { require: { publisher: 1, approver: 1 }, expires: 90d }
attributes: { visitorId: string, country: string }
units: { visitor: { attribute: visitorId } }
metrics: { js-error: { conversion: js_error, within: 1d, better: down } }
flags:
  headline:
    type: string
    variants: { plain: Welcome, bold: Hello }
    whenOff: plain
    rules: [{ id: germany, if: { country: { is: DE } }, serve: bold }]
    default: plain
`;
const RAMP = `  express:
    type: boolean
    whenOff: off
    rules:
      - id: ramp
        ramp: on
        unit: visitor
        guard: { js-error: { worse: 100%, then: rollback } }
        steps:
          - { to: 25%, at: 2027-03-08T08:00Z }
          - { to: 50%, after: 24h, units: 200 }
    default: off
`;

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A folder with keys, rules, trust and pages, and its clock. */
function open(t) {
  const home = mkdtempSync(join(tmpdir(), 'waft-month-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const clock = new Clock(home, START);
  const at = (name) => join(home, name);
  for (const folder of ['rules', 'site', 'site/waft', 'site/staging', 'nightly-trust']) mkdirSync(at(folder));
  for (const name of readdirSync(DIST).filter((name) => name.endsWith('.js'))) cpSync(new URL(name, DIST), at(`site/waft/${name}`));
  cpSync(new URL('shipped.mjs', import.meta.url), at('site/shipped.js'));
  writeFileSync(at('site/index.html'), '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/shipped.js"></script>');
  writeFileSync(at('rules/rules.yaml'), RULES);
  const edit = (from, to) => {
    const text = readFileSync(at('rules/rules.yaml'), 'utf8');
    assert.ok(text.includes(from), from);
    writeFileSync(at('rules/rules.yaml'), text.replace(from, to));
  };
  const keygen = (name) => writeFileSync(at(`${name}.json`), clock.waft(`keygen --out ${name}.pem`));
  const roles = { publisher: 'ci', approver: 'alice', freshness: 'robot', kill: 'oncall' };
  const roots = ['root-1', 'root-2', 'root-3'];
  for (const name of [...Object.values(roles), ...roots]) keygen(name);
  const held = [...Object.entries(roles), ...roots.map((name) => ['root', name])].map(
    ([role, name]) => `--add ${role}:${name}=${name}.json`,
  );
  clock.waft(`trust init --project shop --environment production ${held.join(' ')} --threshold root=2`);
  clock.waft('sign trust-0001.waft --role root --key root-1.pem --key root-2.pem');
  const trust = clock.waft('trust show trust-0001.waft --json');
  for (const file of ['trust.json', 'site/trust.json']) writeFileSync(at(file), trust);
  clock.waft('trust init --project shop --environment staging --out nightly-trust --add publisher:ci=ci.json --add root:alice=alice.json');
  clock.waft('sign nightly-trust/trust-0001.waft --role root --key alice.pem');
  writeFileSync(at('staging.json'), clock.waft('trust show nightly-trust/trust-0001.waft --json'));
  return { clock, at, edit, keygen };
}

/** Production's way: proposed, looked at, approved, published. Who signs, and the trust, are those of the day. */
function delivery({ clock }) {
  const team = { publisher: 'ci.pem', approver: 'alice.pem', trust: 'trust.json', live: '', version: 0 };
  const approve = () => {
    const { digest } = JSON.parse(clock.ran(`release status --trust ${team.trust} --json`).stdout);
    clock.waft(`release approve --trust ${team.trust} --key ${team.approver}${team.live} --digest ${digest}`);
  };
  const publish = () => {
    clock.waft(`release publish --trust ${team.trust} --to site --freshness-key robot.pem`);
    team.live = ' --live site/snapshot.waft';
    ({ version: team.version } = JSON.parse(clock.waft('inspect site/snapshot.waft')));
  };
  team.approve = approve;
  team.deliver = () => {
    approve();
    publish();
  };
  team.release = (why) => {
    clock.waft(`release propose rules --trust ${team.trust} --key ${team.publisher}${team.live} --why`, why);
    team.deliver();
  };
  return team;
}

/** What a page sees: the code of its client, its version, the number of its trust, and a flag. */
const seen = (page) =>
  page.evaluate(() => {
    const { client } = globalThis;
    const { code, trustNumber } = client.status();
    const { value, reason } = client.peek('headline', 'default');
    return { code, version: client.snapshot?.version, trust: trustNumber, headline: value, reason };
  });

/** Waits until a page sees that. */
const until = async (page, what, expected) => {
  const found = (expected) => {
    const { client } = globalThis;
    const [headline, express] = [client.peek('headline', 'default').value, client.peek('express', false)];
    const { killed = false } = express.flagMetadata ?? {};
    const now = { version: client.snapshot?.version, headline, killed, trust: client.status().trustNumber };
    return Object.entries(expected).every(([name, value]) => now[name] === value);
  };
  await page.waitForFunction(found, expected, { polling: 50, timeout: 40_000 }).catch(async (error) => {
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, and the page has ${JSON.stringify(await seen(page))}`, {
      cause: error,
    });
  });
};

/** Of 400 others, the share whom a page would give express checkout. */
const reach = (page) =>
  page.evaluate((context) => {
    const { client } = globalThis;
    let on = 0;
    for (let index = 0; index < 400; index++) {
      client.setContext({ visitorId: `other-${index}`, country: 'FR' });
      if (client.peek('express', false).value) on++;
    }
    client.setContext(context);
    return on / 400;
  }, CONTEXT);
const near = (share, expected) => assert.ok(Math.abs(share - expected) < 0.08, `${share} of ${expected}`);

/** A page with the shop: it follows the head. */
async function visit(context, url, options = {}) {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => globalThis.isLoaded, undefined, { polling: 50 });
  await page.evaluate(
    (options) => {
      const { optionsOf, waft, begin } = globalThis;
      return begin({ ...optionsOf({ hasHead: true }), updates: waft.stream({ url: '/api/changes/head.waft' }), ...options });
    },
    { context: CONTEXT, ...options },
  );
  return page;
}

/** Visitors who meet the ramp, of whom a share of those with it, and of those without, see an error. */
async function shoppers(context, url, [from, to], errors) {
  const page = await visit(context, url);
  await page.evaluate(
    async ([from, to, errors]) => {
      const { client } = globalThis;
      for (let index = from; index < to; index++) {
        client.setContext({ visitorId: `shopper-${index}`, country: 'FR' });
        const isOn = client.getBooleanValue('express', false);
        if ((index * 7919) % 100 < errors[isOn ? 1 : 0]) client.track('js_error');
        if (index % 50 === 49) await client.flush();
      }
      await client.flush();
    },
    [from, to, errors],
  );
  await page.close();
}

const guard = [
  'guard rules --environment production --db waft.db --to site --trust trust.json --max-loss 100% --max-outdated 100% --json',
  '--kill-key oncall.pem --publisher-key ci.pem --freshness-key robot.pem',
].join(' ');
const skip = process.platform !== 'linux' && 'the loader of other systems takes no clock';

test('a month of releases, by day and by night, with pages that follow', { skip, timeout: 300_000 }, async (t) => {
  const shop = open(t);
  const { clock, at, edit, keygen } = shop;
  const team = delivery(shop);
  team.release('the shop opens');
  const { url, child } = await clock.serve('--dir site --db waft.db');
  t.after(() => child.kill('SIGKILL'));
  const context = await browser.newContext();
  t.after(() => context.close());
  await context.clock.install({ time: clock.now() });
  const page = await visit(context, url);
  await until(page, 'the first day', { version: 1, headline: 'Hello' });

  const nights = [];
  let documents = '';
  /** Half a day: the pointer is signed anew, and time goes on in pages. */
  const half = async () => {
    clock.forward(DAY / 2);
    clock.waft(`publish --to site --freshness-key robot.pem --trust trust.json${documents}`);
    await context.clock.fastForward(DAY / 2);
  };
  /** Until a day of March, at 08:00. Each night staging takes what is on the branch, and each morning somebody visits the shop. */
  const day = async (number) => {
    while (clock.now() < START + (number - 1) * DAY - DAY / 4) {
      await half();
      const { status, stdout, text } = clock.ran(
        'release run rules --trust staging.json --records nightly --key ci.pem --to site/staging --json',
      );
      nights.push({ status, ...JSON.parse(stdout || '{}') });
      assert.ok(status === 0 || status === 6, text);
      await half();
      const visitor = await visit(context, url);
      const [theirs, ours] = [await seen(visitor), await seen(page)];
      assert.deepEqual(
        [theirs.code, theirs.version, theirs.headline],
        [undefined, ours.version, ours.headline],
        `a visit on ${new Date(clock.now()).toISOString()}`,
      );
      await visitor.close();
    }
  };

  /** Another key in the place of somebody's, signed by two of root. What is live is signed with it first, so that pages have rules throughout. */
  const rotate = async (name, role, number, by) => {
    keygen(`${name}-2`);
    const [before, file] = [number - 1, number].map((number) => `trust-000${number}.waft`);
    clock.waft(`trust rotate ${before} ${name}=${name}-2.json --key ${by[0]}.pem --key ${by[1]}.pem`);
    cpSync(at('site/snapshot.waft'), at('live.waft'));
    clock.waft(`sign live.waft --role ${role} --key ${name}-2.pem`);
    documents += `${documents ? '' : ' --trust-documents'} ${file}`;
    clock.waft(`publish live.waft --to site --freshness-key robot.pem --trust trust.json${documents}`);
    clock.waft(`release trust ${file} --trust ${team.trust}`);
    Object.assign(team, { trust: file, [role]: `${name}-2.pem` });
  };

  // Another headline: staging has it by itself, production once Alice approved, and the open page without being loaded anew.
  await day(3);
  edit('bold: Hello', 'bold: Hello again');
  await day(4);
  assert.deepEqual(
    nights.map(({ state }) => state),
    ['published', 'unchanged', 'published'],
  );
  assert.equal((await seen(page)).version, 1);
  team.release('a warmer welcome');
  await until(page, 'the second release', { version: 2, headline: 'Hello again' });

  // A ramp: its first step has a date, which comes in the open page by itself. The next one goes out by the nightly run once its hold has
  // passed: there are enough visitors, and the guardrail is safe. It waits for Alice.
  edit('    default: plain\n', `    default: plain\n${RAMP}`);
  team.release('express checkout, by steps');
  await until(page, 'the ramp before its date', { version: 3 });
  assert.equal(await reach(page), 0);
  await day(9);
  near(await reach(page), 0.25);
  await shoppers(context, url, [0, 2_000], [20, 20]);
  await day(11);
  const calm = clock.ran(guard);
  assert.equal(calm.status, 0, calm.text);
  writeFileSync(at('report.json'), clock.waft('report rules --environment production --db waft.db --format json'));
  const step = clock.ran('release run rules --trust trust.json --key ci.pem --to site --report report.json');
  assert.equal(step.status, 3, step.text);
  team.deliver();
  await until(page, 'the second step', { version: 4 });
  near(await reach(page), 0.5);

  // Then express checkout breaks. The guard turns it off, in the open page too, and proposes the rules before; it looks every day, and publishes
  // them once Alice approved.
  await shoppers(context, url, [3_000, 4_500], [10, 80]);
  await day(13);
  const harmed = clock.ran(guard);
  assert.equal(harmed.status, 1, harmed.text);
  const harm = ({ stdout }) => JSON.parse(stdout).found.find(({ cause }) => cause === 'harmed');
  const found = harm(harmed);
  assert.deepEqual([found.action, found.release.version, found.flags], ['killed', 5, ['express']], harmed.text);
  assert.match(found.release.waitsFor.join(), /1 signature as approver \(alice can sign\)/);
  await until(page, 'the kill of the guard', { version: 4, killed: true });
  assert.equal(await reach(page), 0);
  team.approve();
  const taken = clock.ran(guard);
  assert.equal(taken.status, 1, taken.text);
  const back = harm(taken);
  assert.deepEqual([back.action, back.release.version, back.release.rulesOf], ['off', 5, 3], taken.text);
  await until(page, 'the release that the guard took back', { version: 5, headline: 'Hello again', killed: true });
  assert.equal(await reach(page), 0);
  const blocked = clock.ran('release run rules --trust trust.json --key ci.pem --to site');
  assert.equal(blocked.status, 6, blocked.text);
  edit('  express:\n    type: boolean\n', '  express:\n    type: boolean\n    enabled: false\n');

  // A release that somebody regrets is taken back, as a new version; what CI has on the branch does not bring it again.
  await day(15);
  edit('bold: Hello again', 'bold: Hlelo');
  team.release('a typing error');
  await until(page, 'the typing error', { version: 6, headline: 'Hlelo' });
  clock.waft('release rollback --trust trust.json --key ci.pem --live site/snapshot.waft --why', 'it is misspelt');
  team.deliver();
  await until(page, 'the way back', { version: 7, headline: 'Hello again' });
  const again = clock.ran('release run rules --trust trust.json --key ci.pem --to site');
  assert.equal(again.status, 6, again.text);
  edit('bold: Hlelo', 'bold: Hello again');

  // CI's key is rotated, by two of three of root: pages that are open take the document, and then releases of the new key.
  await day(18);
  await rotate('ci', 'publisher', 2, ['root-1', 'root-3']);
  await until(page, 'the rotated key', { version: 7, headline: 'Hello again', trust: 2 });
  edit('bold: Hello again', 'bold: Spring is here');
  team.release('spring');
  await until(page, 'a release of the new key', { version: 8, headline: 'Spring is here' });

  // Alice's key is stolen, and taken out. What its thief approves is worth nothing, in the command and in pages.
  await day(22);
  await rotate('alice', 'approver', 3, ['root-2', 'root-3']);
  await until(page, 'the revoked key', { version: 8, headline: 'Spring is here', trust: 3 });
  edit('bold: Spring is here', 'bold: Stolen');
  clock.waft(`release propose rules --trust ${team.trust} --key ci-2.pem${team.live}`);
  const { digest } = JSON.parse(clock.ran(`release status --trust ${team.trust} --json`).stdout);
  const theft = clock.ran(`release approve --trust ${team.trust} --key alice.pem --live site/snapshot.waft --digest ${digest}`);
  assert.equal(theft.status, 1, theft.text);
  assert.match(theft.text, /counts in no role/);
  clock.waft('build rules --environment production --version 9 --out site/stolen.waft');
  clock.waft('sign site/stolen.waft --role publisher --key ci-2.pem');
  clock.waft('sign site/stolen.waft --role approver --key alice.pem');
  const robbed = await visit(context, url);
  assert.deepEqual(await robbed.evaluate(() => globalThis.client.load('/stolen.waft')), { ok: false, code: 'ROLE_MISSING' });
  await robbed.close();
  clock.waft(`release reject --trust ${team.trust} --key alice-2.pem --why theft`);
  edit('bold: Stolen', 'bold: Spring is over');
  team.release('the rightful one');
  const last = team.version;
  await until(page, 'a release of the new approver', { version: last, headline: 'Spring is over' });

  // A kill is in the open page at once, outlives nights, and ends.
  await day(25);
  clock.waft(`publish --kill headline --kill-key oncall.pem --trust trust.json${documents} --to site --why`, 'spring is not over');
  await until(page, 'the kill', { version: last, headline: 'Welcome' });
  await day(28);
  await until(page, 'the kill, days later', { headline: 'Welcome' });
  clock.waft(`publish --unkill headline --kill-key oncall.pem --trust trust.json${documents} --to site --why`, 'now it is');
  await until(page, 'the end of the kill', { headline: 'Spring is over' });
  await day(31);

  // The open page was never loaded anew and never without rules, and the histories tell all of it, and verify by the trust of each day.
  const { code, reason, ...end } = await seen(page);
  assert.deepEqual([code, reason, end], [undefined, 'TARGETING_MATCH', { version: last, trust: 3, headline: 'Spring is over' }]);
  // Half a day that passes in a moment ends requests that were under way, as when a laptop sleeps; the next one has what they lacked.
  const refused = (await page.evaluate(() => globalThis.errors)).filter((code) => code !== 'UNREACHABLE');
  assert.deepEqual(refused, []);
  clock.waft('release verify --trust trust.json --trust-documents trust-0002.waft trust-0003.waft');
  clock.waft('release verify --trust staging.json --records nightly');
  const history = clock
    .waft('release history --json')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const kinds = ['release', 'release', 'release', 'release', 'kill', 'release', 'release', 'release', 'trust', 'release', 'trust'];
  assert.deepEqual(
    history.map(({ kind }) => kind).filter((kind) => kind !== 'propose' && kind !== 'approve'),
    [...kinds, 'reject', 'release', 'kill', 'unkill'],
  );
  const times = history.map(({ at }) => Date.parse(at));
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
  );
  assert.ok(times[0] > START - DAY && times.at(-1) > START + 26 * DAY, 'records are of the simulated days');
  assert.equal(nights.length, 30);
  assert.ok(nights.filter(({ state }) => state === 'published').length >= 4, JSON.stringify(nights.map(({ state }) => state)));
});
