// 1,000,000 invented people with 8 attributes, the same on every machine, and the rules that they are counted by.
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

export const PEOPLE = 1_000_000;
const COUNTRIES = ['DE', 'FR', 'NL', 'AT', 'IT', 'ES', 'PL', 'GB', 'US', 'SE', 'FI', 'IE', 'PT', 'DK', 'CH', 'CZ'];
const PLANS = ['guest', 'member', 'crew'];
const TAGS = ['sailing', 'wool', 'boots', 'knots', 'tea'];

/** Writes them as a CSV, unless it is there. */
export async function people(path) {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const out = createWriteStream(`${path}.part`);
  let state = 20_261_130;
  const below = (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  const write = (text) => new Promise((resolve) => (out.write(text) ? resolve() : out.once('drain', resolve)));
  await write('visitorId,country,plan,orders,newsletter,signedUpAt,appVersion,tags\n');
  for (let from = 0; from < PEOPLE; from += 10_000) {
    let text = '';
    for (let row = from; row < from + 10_000; row++) {
      const date = new Date(Date.UTC(2023, 0, 1) + below(1_200) * 86_400_000).toISOString().slice(0, 10);
      text += `visitor-${row.toString(36).padStart(6, '0')},${COUNTRIES[below(16)]},${PLANS[below(3)]},${below(4) ? below(60) : ''},${below(2) === 0},${date},${1 + below(4)}.${below(10)}.${below(5)},${TAGS[below(5)]}|${TAGS[below(5)]}\n`;
    }
    await write(text);
  }
  await new Promise((resolve, reject) => out.end((error) => (error ? reject(error) : resolve())));
  renameSync(`${path}.part`, path);
}

/** Ten conditions, of which an edit changes one. */
const wide = (orders) => `
  wide:
    any:
      - all:
          - country: { in: [DE, FR, NL] }
          - plan: { is: member }
          - orders: { gte: ${orders} }
          - newsletter: { is: true }
          - appVersion: { gte: 2.3.0 }
      - all:
          - country: { startsWith: S }
          - not: { plan: { is: guest } }
          - signedUpAt: { after: "2024-06-01" }
          - tags: { has: wool }
          - orders: { lt: 40 }`;

/** The condition of that segment by itself. */
export const condition = (orders) =>
  wide(orders)
    .split('\n')
    .slice(2)
    .map((line) => line.slice(4))
    .join('\n');

/** The ruleset with the segment before or after its edit. */
export const rules = (orders) => `project: bench
environments: { production: {} }
attributes:
  visitorId: string
  country: string
  plan: { enum: [guest, member, crew] }
  orders: number
  newsletter: boolean
  signedUpAt: date
  appVersion: semver
  tags: list
units: { visitor: { attribute: visitorId } }
segments:${wide(orders)}
experiments:
  cta: { unit: visitor, phases: [{ id: 1, from: "2026-01-01T00:00:00Z", split: { on: 50%, off: 50% } }] }
flags:
  cta:
    type: boolean
    whenOff: off
    rules:
      - { id: crew, if: { plan: { is: crew } }, serve: on }
      - { id: test, if: { country: { in: [DE, FR, NL, GB] } }, experiment: cta }
    default: off
`;

/** The same with a segment whose pattern everybody's own text is held against. */
export const pattern = () =>
  rules(6).replace('experiments:', () => "  pattern: { visitorId: { matches: '^visitor-0[a-f0-9]+[13579]$' } }\nexperiments:");
