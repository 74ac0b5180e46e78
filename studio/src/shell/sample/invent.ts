/** People of the shop of examples/shop, invented by arithmetic: the same on every machine. */

const COUNTRIES = ['DE', 'DE', 'DE', 'DE', 'FR', 'FR', 'NL', 'NL', 'AT', 'IT', 'ES', 'PL', 'GB', 'GB', 'US', 'SE', 'FI', 'IE', 'DK', 'NO'];
const PLANS = ['guest', 'guest', 'guest', 'guest', 'guest', 'guest', 'member', 'member', 'member', 'member'];
const INTERESTS = ['sailing', 'rowing', 'wool', 'brass', 'motorboats', 'knots'];
const VERSIONS = ['2.9.3', '3.1.4', '3.2.0', '3.2.1', '3.3.0', '3.4.0', '3.4.0', '3.4.1', '3.4.1', '3.4.1'];
const HEADER = 'visitorId,accountId,country,plan,orders,newsletter,signedUpAt,appVersion,interests';
const DAY = 86_400_000; // milliseconds
const FROM = Date.UTC(2023, 10, 1);
const PART = 5_000; // rows of one text

/** Texts that together are a CSV of so many people, with its header line. */
export function* invent(rows: number): Generator<string> {
  let state = 20_261_130;
  /** A whole number below a limit: Park and Miller's generator. */
  const below = (limit: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  const pick = (from: readonly string[]): string => from[below(from.length)] ?? '';
  const date = (): string => new Date(FROM + below(1_120) * DAY).toISOString().slice(0, 10);
  const interests = (): string => INTERESTS.filter(() => below(4) === 0).join('|');

  yield `${HEADER}\n`;
  for (let from = 0; from < rows; from += PART) {
    const lines: string[] = [];
    for (let at = from; at < Math.min(rows, from + PART); at++) {
      const number = String(at + 1).padStart(6, '0');
      const plan = below(80) === 0 ? 'crew' : pick(PLANS);
      const isGuest = plan === 'guest';
      // Most buy seldom, few often; one in eight never said whether they want letters, and one page in twenty-five does not say its version.
      const orders = isGuest ? '' : Math.min(below(14), below(14), 10);
      const newsletter = below(8) === 0 ? '' : below(3) === 0;
      const version = below(25) === 0 ? '' : pick(VERSIONS);
      const account = isGuest ? '' : `a-${number}`;
      lines.push(
        `v-${number},${account},${pick(COUNTRIES)},${plan},${orders},${newsletter},${isGuest ? '' : date()},${version},${isGuest ? '' : interests()}`,
      );
    }
    yield `${lines.join('\n')}\n`;
  }
}
