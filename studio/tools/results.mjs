// The sample of the studio's Results place: examples/shop for six weeks on a simulated clock. Invented visitors, decided by the package; `waft serve`
// collects what they would send; `waft report` says what came of it.
//
//   node studio/tools/results.mjs [VISITORS]        writes studio/src/results/sample.json
//
// It needs target/release/waft, the built package and `cc`, as tests/e2e/month.test.mjs does, and takes a minute.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from 'waft';
import { decide, handOver } from 'waft/server';
import { Clock } from '../../tests/e2e/clock.mjs';

const SHOP = fileURLToPath(new URL('../../examples/shop', import.meta.url));
const OUT = fileURLToPath(new URL('../src/results/sample.json', import.meta.url));
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FROM = Date.parse('2026-10-20T08:00:00Z');
const TO = Date.parse('2026-11-30T08:00:00Z');
const VISITORS = Number(process.argv[2] ?? 60_000);

/** The same numbers on every machine. */
let state = 20_261_130;
const chance = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
const pick = (weighted) => {
  let at = chance() * Object.values(weighted).reduce((sum, weight) => sum + weight, 0);
  return Object.keys(weighted).find((name) => (at -= weighted[name]) < 0);
};
const hex = () => Array.from({ length: 32 }, () => Math.floor(chance() * 16).toString(16)).join('');
const normal = () => Math.sqrt(-2 * Math.log(chance())) * Math.cos(2 * Math.PI * chance());

const COUNTRIES = { DE: 34, NL: 11, FR: 10, AT: 7, IT: 6, GB: 9, US: 8, SE: 4, DK: 4, CH: 4, FI: 3 };
const BROWSERS = { Chrome: 55, Safari: 24, Edg: 9, Firefox: 9, SamsungBrowser: 3 };

/** Somebody who comes to the shop. */
function visitor(number) {
  const plan = pick({ guest: 62, member: 37, crew: 1 });
  const context = { visitorId: `sample-${number}`, country: pick(COUNTRIES), plan, newsletter: chance() < 0.3 };
  context.orders = plan === 'guest' ? 0 : Math.floor(chance() * 9);
  context.appVersion = `3.${pick({ 1: 4, 3: 30, 4: 66 })}.${Math.floor(chance() * 4)}`;
  if (plan !== 'guest') context.accountId = `account-${number}`;
  return { context, browser: pick(BROWSERS), at: FROM + chance() * (TO - FROM - HOUR) };
}

/** What somebody is shown moves what they do. These are the truths that the report is to find. */
function habits({ context }, met) {
  const { 'call-to-action': call, search, 'express-pay/ramp': pay, winter } = met;
  const habit = { buys: context.plan === 'guest' ? 0.085 : 0.16, basket: 3.7, errs: 0.021 };
  if (call === 'bold') Object.assign(habit, { buys: habit.buys * 1.17, errs: habit.errs * 1.5 });
  if (search === 'suggestions') habit.buys *= 1.06;
  if (pay === 'on') habit.errs *= 1.02;
  if (winter === 'held') habit.buys *= 0.97;
  return habit;
}

const records = [];
const text = (key, value) => ({ key, value: { stringValue: value } });
const whole = (key, value) => ({ key, value: { intValue: String(value) } });

function record(at, eventName, page, attributes) {
  const origin = [
    text('feature_flag.set.id', 'shop/production'),
    text('waft.page_view.id', page.id),
    whole('waft.sequence', page.sequence++),
  ];
  const units = Object.entries(page.units).map(([kind, unit]) => text(`waft.unit.${kind}`, unit));
  records.push({ at, eventName, attributes: [...attributes, ...origin, ...units] });
}

/** What call-to-action is told apart by, as a page says it: the rules' `breakdown`. */
function breakdown({ experiment }, { country, plan, orders }) {
  if (experiment !== 'call-to-action') return [];
  const isRegular = plan !== 'guest' && orders >= 3;
  return Object.entries({ country, plan, 'segment/regulars': isRegular ? 'in' : 'out' }).map(([by, value]) =>
    text(`waft.breakdown.${by}`, value),
  );
}

function exposed(at, page, { browser, context }, snapshot, flag, exposure) {
  record(at, 'feature_flag.evaluation', page, [
    text('feature_flag.key', flag),
    text('feature_flag.result.variant', exposure.variant),
    text('feature_flag.result.reason', 'split'),
    text('feature_flag.context.id', exposure.unit),
    text('feature_flag.version', String(snapshot.version)),
    text('feature_flag.provider.name', 'waft'),
    text('waft.exposure.id', exposure.id),
    text('waft.experiment', exposure.experiment),
    whole('waft.phase', exposure.phase),
    text('waft.rule', exposure.rule),
    whole('waft.point', exposure.point),
    text('waft.unit.kind', exposure.unitKind),
    text('waft.snapshot.digest', snapshot.digest),
    whole('waft.snapshot.version', snapshot.version),
    text('user_agent.name', browser),
    ...breakdown(exposure, context),
  ]);
}

function tracked(at, units, name, value, properties) {
  const more = value === undefined ? [] : [{ key: 'waft.event.value', value: { doubleValue: value } }];
  if (properties) more.push(text('waft.event.properties', JSON.stringify(properties)));
  record(at, 'waft.track', { id: hex(), sequence: 0, units }, [text('waft.event.id', hex()), text('waft.event.name', name), ...more]);
}

function bought(at, units, basket) {
  const pieces = 1 + Math.floor(chance() * 4);
  tracked(at, units, 'purchase', Number(Math.exp(basket + 0.5 * normal() + 0.1 * pieces).toFixed(2)), { pieces });
}

/** One visit, what it exposes, and what follows within a week. */
function visit(client, number) {
  const who = visitor(number);
  const { context, browser, at } = who;
  Date.now = () => at;
  const { snapshot, flags } = JSON.parse(decide(client, { context, same: ['visitorId', 'accountId'] }).json);
  const shows = ['call-to-action', ...(chance() < 0.7 ? ['search'] : []), ...(chance() < 0.55 ? ['checkout', 'express-pay'] : [])];
  const units = { visitor: context.visitorId, ...(context.accountId && { account: context.accountId }) };
  const page = { id: hex(), sequence: 0, units };
  const met = {};
  shows.forEach((flag, shown) => {
    for (const exposure of flags[flag]?.exposures ?? []) {
      const isNew = met[exposure.experiment] === undefined;
      met[exposure.experiment] = exposure.variant;
      // A page of Safari's is left before suggestions have told of themselves: the mistake that the sample ratio finds.
      const isLost = exposure.variant === 'suggestions' && browser === 'Safari' && chance() < 0.7;
      if (isNew && !isLost) exposed(at + shown * 900, page, who, snapshot, flag, exposure);
    }
  });
  const { buys, basket, errs } = habits(who, met);
  const before = at - chance() * 28 * DAY;
  if (context.orders > 2 && before > FROM) bought(before, units, basket);
  for (let often = 0; often < 2 && chance() < buys; often++) {
    const later = at + 60_000 - Math.log(chance()) * 1.4 * DAY;
    if (later < TO - HOUR) bought(later, units, basket);
  }
  if (chance() < errs) tracked(Math.min(at + chance() * HOUR, TO - HOUR), units, 'js_error');
}

/** The rules, signed, as pages have them. */
async function pages(clock, home) {
  const keys = ['publisher', 'approver'].map((role) => ({ role, ...JSON.parse(clock.waft(`keygen --out ${role}.pem`)) }));
  const trust = {
    project: 'shop',
    environment: 'production',
    keys: Object.fromEntries(keys.map(({ kid, publicKey }) => [kid, publicKey])),
    require: keys.map(({ role, kid }) => ({ role, keys: [kid], atLeast: 1 })),
  };
  // A server leaves what is sticky to the page, which alone knows what it remembers. New visitors have nothing that is remembered.
  cpSync(SHOP, join(home, 'rules'), { recursive: true });
  const search = join(home, 'rules/experiments/search.yaml');
  writeFileSync(search, readFileSync(search, 'utf8').replace('sticky: true', 'sticky: false'));
  clock.waft(`build rules --environment production --version 1 --out site/snapshot.waft`);
  for (const { role } of keys) clock.waft(`sign site/snapshot.waft --role ${role} --key ${role}.pem`);
  const client = await createClient({ snapshot: readFileSync(join(home, 'site/snapshot.waft')), trust, exposures: handOver() });
  if (!client.snapshot) throw new Error(`the rules are refused: ${JSON.stringify(client.status())}`);
  return client;
}

/** Each hour, what happened in it. */
async function send(clock, url) {
  records.sort((one, other) => one.at - other.at);
  let from = 0;
  for (let hour = FROM; hour < TO; hour += HOUR) {
    clock.forward(hour + HOUR - clock.now());
    let to = from;
    while (to < records.length && records[to].at < hour + HOUR) to++;
    for (; from < to; from += 500) {
      const sent = `${Math.round(clock.now())}000000`;
      const logRecords = records.slice(from, Math.min(to, from + 500)).map(({ at, eventName, attributes }) => {
        return { timeUnixNano: `${Math.round(at)}000000`, observedTimeUnixNano: sent, eventName, attributes };
      });
      const resource = { attributes: [text('service.name', 'shop'), text('telemetry.sdk.name', 'waft')] };
      const body = JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'waft', version: '0.1.0' }, logRecords }] }] });
      const response = await fetch(`${url}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const answer = await response.text();
      if (!response.ok || answer.includes('rejected')) throw new Error(`${response.status} ${answer}`);
    }
    from = to;
  }
}

const home = mkdtempSync(join(tmpdir(), 'waft-results-'));
const now = Date.now;
let child;
try {
  mkdirSync(join(home, 'site'));
  const clock = new Clock(home, FROM);
  Date.now = () => FROM;
  const client = await pages(clock, home);
  for (let number = 0; number < VISITORS; number++) visit(client, number);
  Date.now = now;
  const served = await clock.serve('--dir site --db waft.db');
  child = served.child;
  await send(clock, served.url);
  const until = new Date(TO).toISOString();
  const json = clock.waft(`report ${SHOP} --environment production --db waft.db --format json --now ${until}`);
  // Whoever opens it as a file is told, too, that nobody of it is real.
  writeFileSync(OUT, json.replace('{', '{\n  "sample": true,'));
  console.log(clock.waft(`report ${SHOP} --environment production --db waft.db --now ${until}`));
  console.log(`${records.length} records of ${VISITORS} visitors, ${json.length} bytes in ${OUT}`);
} finally {
  Date.now = now;
  child?.kill();
  rmSync(home, { recursive: true, force: true });
}
