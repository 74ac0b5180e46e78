// Random rulesets as people write them: braces and lines mixed, comments, blank lines, quotes, two widths of indentation, both line ends.

/** xorshift32: the same seed, the same texts. */
export function random(seed) {
  let state = seed | 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const below = (count) => Math.floor(next() * count);
  return { below, one: (items) => items[below(items.length)], chance: (share) => next() < share };
}

const NAMES = [
  'plan',
  'country',
  'orders',
  'if',
  'rules',
  'eu-pro',
  'a.b',
  'x_1',
  '404',
  'all',
  'any',
  'not',
  'from',
  '40%-55%',
  'title',
  'true',
];
const TEXTS = [
  'DE',
  'pro',
  '2026-11-01T08:00Z',
  '5%',
  'on',
  'off',
  '3.0.0',
  '2.4',
  '007',
  '',
  ' x',
  'a: b',
  "it's",
  'say "hi"',
  '^a-\\d{4}$',
  '# no',
  '[',
  'two words',
  'null',
  '~',
  'é',
  '🙂',
  '+49',
  '-x',
  'x\ny',
  '*',
  'a,b',
  '{x}',
  '@',
  '40%-60%',
  '0x1F',
  'true',
  'tab\there',
  '\u2028',
  'a #b',
  'http://x.example/?a=1',
];

/** A value that a ruleset's file may have: maps at the top. */
export function value(dice, depth = 0) {
  const kind = depth === 0 ? 1 : dice.below(depth > 3 ? 1 : 4);
  if (kind === 1) return Object.fromEntries(names(dice, 1 + dice.below(4)).map((name) => [name, value(dice, depth + 1)]));
  if (kind === 2) return Array.from({ length: dice.below(4) }, () => value(dice, depth + 1));
  return scalar(dice);
}

export const scalar = (dice) =>
  dice.one([() => dice.one(TEXTS), () => dice.below(200), () => dice.chance(0.5), () => 0.5, () => dice.one(TEXTS)])();
export const name = (dice) => dice.one(NAMES);

function names(dice, count) {
  const found = new Set();
  while (found.size < count) found.add(name(dice));
  return [...found].sort(() => dice.below(3) - 1);
}

/** The same as text. Each comment is written once. */
export function text(dice, whole) {
  const end = dice.chance(0.15) ? '\r\n' : '\n';
  const step = dice.one([2, 2, 2, 4]);
  let comments = 0;
  const comment = () => `# comment ${++comments}`;
  const own = (margin) => (dice.chance(0.2) ? `${margin}${comment()}${end}` : dice.chance(0.1) ? end : '');
  const behind = () => (dice.chance(0.2) ? ` ${comment()}` : '');
  const isEmpty = (it) => typeof it !== 'object' || it === null || Object.keys(it).length === 0;
  const quoted = (it) => {
    if (typeof it !== 'string') return String(it);
    const plain = /^[A-Za-z0-9][\w.%:-]*$/.test(it) && !/^(?:null|true|false|[\d.]+|0x\w+)$/.test(it) && !it.endsWith(':');
    if (plain && dice.chance(0.8)) return it;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what single quotes cannot hold
    return /[\x00-\x1f\u2028]/.test(it) || dice.chance(0.5) ? JSON.stringify(it) : `'${it.replaceAll("'", "''")}'`;
  };
  const key = (it) => (/^(?:404|true)$/.test(it) && dice.chance(0.5) ? it : quoted(it));
  const flow = (it) => {
    if (typeof it !== 'object') return quoted(it);
    const pad = dice.one(['', ' ']);
    if (Array.isArray(it)) return it.length === 0 ? '[]' : `[${pad}${it.map(flow).join(', ')}${dice.chance(0.1) ? ',' : ''}${pad}]`;
    const entries = Object.entries(it).map(([name, inner]) => `${key(name)}: ${flow(inner)}`);
    return entries.length === 0 ? '{}' : `{${pad}${entries.join(dice.one([',', ', ']))}${dice.chance(0.1) ? ',' : ''}${pad}}`;
  };
  /** Braces over several lines. */
  const wide = (it, margin) => {
    const inner = `${margin}    `;
    const parts = Array.isArray(it) ? it.map(flow) : Object.entries(it).map(([name, value]) => `${key(name)}: ${flow(value)}`);
    const lines = parts.map((part, index) => `${inner}${part}${index < parts.length - 1 || dice.chance(0.4) ? ',' : ''}${behind()}${end}`);
    const [open, close] = Array.isArray(it) ? '[]' : '{}';
    return `${open}${behind()}${end}${lines.join('')}${inner}${close}`;
  };
  const after = (it, margin) => {
    if (typeof it === 'string' && it.includes('\n') && !/^\s|[^\n\x20-\x7e]/.test(it) && dice.chance(0.5)) {
      return ` |-${end}${it
        .split('\n')
        .map((line) => `${margin}  ${line}${end}`)
        .join('')}`;
    }
    if (isEmpty(it) || dice.chance(0.3)) return ` ${flow(it)}${behind()}${end}`;
    if (dice.chance(0.15)) return ` ${wide(it, margin)}${behind()}${end}`;
    return undefined;
  };
  const block = (it, margin, isInline) => {
    let written = '';
    const parts = Array.isArray(it) ? it.map((item) => ['-', item]) : Object.entries(it).map(([name, inner]) => [`${key(name)}:`, inner]);
    parts.forEach(([head, inner], index) => {
      const isFirst = isInline && index === 0;
      if (!isFirst) written += own(margin);
      written += `${isFirst ? '' : margin}${head}`;
      const line = after(inner, margin);
      if (line !== undefined) written += line;
      else if (head === '-') written += ` ${block(inner, `${margin}  `, true)}`;
      else {
        const flat = Array.isArray(inner) && dice.chance(0.3);
        written += `${behind()}${end}${own(margin)}${block(inner, flat ? margin : margin + ' '.repeat(step), false)}`;
      }
    });
    return written;
  };
  const all = `${dice.chance(0.3) ? `${comment()}${end}` : ''}${block(whole, '', false)}${dice.chance(0.2) ? `${comment()}${end}` : ''}`;
  return dice.chance(0.1) ? all.trimEnd() : all;
}
