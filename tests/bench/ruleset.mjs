// The logical ruleset that every peer gets, each in its own format, and the contexts that go with it.
//
// N boolean flags. Each has three rules (`country` is one string: on; `plan` is in a list of ten: off; `appVersion` is at least
// a version: on) and then an experiment that splits users 50/50. Constants differ from flag to flag, without an order that a
// compressor could find, and are the same in every run. An experiment is named like its flag, as people do, and hashed with that.

const COUNTRIES = (
  'AT AU BE BG BR CA CH CL CN CZ DE DK EE EG ES FI FR GB GR HR HU IE IL IN IS IT JP KE KR LT LU LV MX MY NG NL NO NZ ' +
  'PE PH PL PT RO RS SE SG SI SK TH TR TW UA US VN ZA'
).split(' ');

/** Numbers below 1 that are the same in every run (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The flags: `{ key, country, plans, version }`. */
export function flags(count) {
  const next = random(1);
  const below = (limit) => Math.floor(next() * limit);
  return Array.from({ length: count }, (_, index) => {
    const first = below(90);
    return {
      key: `flag-${String(index).padStart(5, '0')}`,
      country: COUNTRIES[below(COUNTRIES.length)],
      plans: Array.from({ length: 10 }, (_, place) => `plan-${String(first + place).padStart(3, '0')}`),
      version: `${1 + below(9)}.${below(20)}.0`,
    };
  });
}

/** Somebody whom no rule of any flag is about: four strings and a number. */
export const nobody = (index = 0) => ({
  userId: `user-${String(index).padStart(7, '0')}-${(index * 2654435761) >>> 0}`,
  country: 'XX',
  plan: 'none',
  appVersion: '0.9.1',
  age: 18 + (index % 60),
});

/** For one flag: contexts that a rule decides, and how. The version one below the flag's is nobody's. */
export function decided(flag) {
  const [country, plan, appVersion] = [flag.country, flag.plans[7], flag.version];
  const [major, minor, patch] = flag.version.split('.').map(Number);
  return [
    ['country', { ...nobody(), country }, true],
    ['plan', { ...nobody(), plan }, false],
    ['version', { ...nobody(), appVersion }, true],
    ['a later patch', { ...nobody(), appVersion: `${major}.${minor}.${patch + 10}` }, true],
    ['a later major', { ...nobody(), appVersion: `${major + 9}.0.0` }, true],
    ['country before plan', { ...nobody(), country, plan }, true],
    ['plan before version', { ...nobody(), plan, appVersion }, false],
  ];
}
