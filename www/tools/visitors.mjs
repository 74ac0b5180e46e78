// Writes public/visitors.csv: 5,000 invented visitors, the same on every machine.
import { mkdirSync, writeFileSync } from 'node:fs';

const ROWS = 5_000;
const COUNTRIES = ['DE', 'DE', 'DE', 'FR', 'FR', 'NL', 'AT', 'IT', 'ES', 'PL', 'GB', 'US', 'SE', 'FI', 'IE'];

let state = 20_261_123;
/** A whole number below a limit: Park and Miller's generator. */
const below = (limit) => {
  state = (state * 48_271) % 2_147_483_647;
  return state % limit;
};
const date = () => new Date(Date.UTC(2024, 0, 1) + below(1_050) * 86_400_000).toISOString().slice(0, 10);

const rows = Array.from({ length: ROWS }, (_, index) => {
  const plan = ['guest', 'guest', 'guest', 'member', 'member', 'member', 'crew'][below(below(9) ? 6 : 7)];
  const guest = plan === 'guest';
  return [
    `sample-${String(index).padStart(4, '0')}`,
    COUNTRIES[below(COUNTRIES.length)],
    plan,
    guest ? '' : below(9),
    below(3) === 0,
    guest ? '' : date(),
    `${2 + below(2)}.${below(5)}.${below(9)}`,
  ].join(',');
});
const folder = new URL('../public/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('visitors.csv', folder), `visitorId,country,plan,orders,newsletter,signedUpAt,appVersion\n${rows.join('\n')}\n`);
