// The functions in which a page's first signatures and hashes take nearly all their time, as JavaScript has them fast: what wasm2js makes of
// numbers of 64 bits, and of copies byte by byte, runs unoptimised for longer than that takes. tools/compat.mjs compares each with the one that
// it replaces.

/** The first 64 bits of the fractional parts of the cube roots of the first 80 primes: high and low halves in turn. */
function constants() {
  const halves = [];
  for (let number = 2n; halves.length < 160; number++) {
    let isPrime = true;
    for (let factor = 2n; factor * factor <= number; factor++) isPrime &&= number % factor !== 0n;
    if (!isPrime) continue;
    // The cube root of number * 2^192, bit by bit.
    let root = 0n;
    for (let bit = 1n << 68n; bit; bit >>= 1n) if ((root | bit) ** 3n <= number << 192n) root |= bit;
    halves.push(Number(BigInt.asIntN(32, root >> 32n)), Number(BigInt.asIntN(32, root)));
  }
  return halves;
}

// Of the translated engine.
let HEAP32;
let HEAPU8;
let wasm2js_trap;
let hashConstants;
let hashWords;

/** FIPS 180-4, section 6.4.2: eight words of 64 bits at `state`, low halves first, take the 128 bytes at `block`. */
function compress(state, block) {
  state >>= 2;
  const words = hashWords;
  const constants = hashConstants;
  for (let at = 0; at < 32; at++, block += 4) {
    words[at] = (HEAPU8[block] << 24) | (HEAPU8[block + 1] << 16) | (HEAPU8[block + 2] << 8) | HEAPU8[block + 3];
  }
  for (let at = 32; at < 160; at += 2) {
    const xh = words[at - 30];
    const xl = words[at - 29];
    const yh = words[at - 4];
    const yl = words[at - 3];
    const high =
      (((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7)) +
      (((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6));
    const low =
      ((((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25))) >>> 0) +
      ((((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26))) >>> 0) +
      (words[at - 13] >>> 0) +
      (words[at - 31] >>> 0);
    words[at] = high + words[at - 14] + words[at - 32] + ((low / 4294967296) | 0);
    words[at + 1] = low;
  }
  let al = HEAP32[state];
  let ah = HEAP32[state + 1];
  let bl = HEAP32[state + 2];
  let bh = HEAP32[state + 3];
  let cl = HEAP32[state + 4];
  let ch = HEAP32[state + 5];
  let dl = HEAP32[state + 6];
  let dh = HEAP32[state + 7];
  let el = HEAP32[state + 8];
  let eh = HEAP32[state + 9];
  let fl = HEAP32[state + 10];
  let fh = HEAP32[state + 11];
  let gl = HEAP32[state + 12];
  let gh = HEAP32[state + 13];
  let hl = HEAP32[state + 14];
  let hh = HEAP32[state + 15];
  for (let at = 0; at < 160; at += 2) {
    let low =
      (hl >>> 0) +
      ((((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23))) >>> 0) +
      ((gl ^ (el & (fl ^ gl))) >>> 0) +
      (constants[at + 1] >>> 0) +
      (words[at + 1] >>> 0);
    const high =
      (hh +
        (((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23))) +
        (gh ^ (eh & (fh ^ gh))) +
        constants[at] +
        words[at] +
        ((low / 4294967296) | 0)) |
      0;
    const first = low >>> 0;
    hl = gl;
    hh = gh;
    gl = fl;
    gh = fh;
    fl = el;
    fh = eh;
    low = (dl >>> 0) + first;
    eh = (dh + high + ((low / 4294967296) | 0)) | 0;
    el = low | 0;
    low =
      first +
      ((((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25))) >>> 0) +
      ((bl ^ ((al ^ bl) & (bl ^ cl))) >>> 0);
    const next =
      (high +
        (((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25))) +
        (bh ^ ((ah ^ bh) & (bh ^ ch))) +
        ((low / 4294967296) | 0)) |
      0;
    dl = cl;
    dh = ch;
    cl = bl;
    ch = bh;
    bl = al;
    bh = ah;
    al = low | 0;
    ah = next;
  }
  words[0] = al;
  words[1] = ah;
  words[2] = bl;
  words[3] = bh;
  words[4] = cl;
  words[5] = ch;
  words[6] = dl;
  words[7] = dh;
  words[8] = el;
  words[9] = eh;
  words[10] = fl;
  words[11] = fh;
  words[12] = gl;
  words[13] = gh;
  words[14] = hl;
  words[15] = hh;
  for (let at = 0; at < 16; at += 2, state += 2) {
    const low = (HEAP32[state] >>> 0) + (words[at] >>> 0);
    HEAP32[state] = low;
    HEAP32[state + 1] += words[at + 1] + ((low / 4294967296) | 0);
  }
}

/**
 * `Field::times` of crates/crypto/src/field.rs, with the same sums and carries: limbs fit 31 bits by what it says of sizes. A factor's upper and
 * lower 13 bits are multiplied apart, so that sums are below 2^53, which numbers of JavaScript hold exactly.
 */
function times(name) {
  const limbs = Array.from({ length: 10 }, (_, limb) => limb);
  const lines = [' one >>= 2;', ' other >>= 2;', ' to >>= 2;', ' var carry = 0;'];
  for (const limb of limbs) {
    lines.push(` var a${limb} = HEAP32[one + ${2 * limb}], b${limb} = HEAP32[other + ${2 * limb}];`);
    lines.push(` var l${limb} = b${limb} & 8191, h${limb} = b${limb} >> 13;`);
    if (limb) lines.push(` var L${limb} = 19 * l${limb}, H${limb} = 19 * h${limb};`);
    if (limb % 2) lines.push(` var d${limb} = 2 * a${limb};`);
  }
  for (const limb of limbs) {
    const products = (low, high) =>
      limbs.map((one) => {
        const other = (limb - one + 10) % 10;
        return `${one % 2 && other % 2 ? 'd' : 'a'}${one} * ${one > limb ? high : low}${other}`;
      });
    const bits = 2 ** (13 - (limb % 2));
    lines.push(` var low = ${products('l', 'L').join(' + ')} + carry;`);
    lines.push(' var passed = Math.floor(low / 8192);');
    lines.push(` var high = ${products('h', 'H').join(' + ')} + passed;`);
    lines.push(` carry = Math.floor(high / ${bits});`);
    lines.push(` var r${limb} = (high - ${bits} * carry) * 8192 + low - passed * 8192;`);
  }
  // 2^255 is 19.
  lines.push(' r0 += 19 * carry;', ' carry = Math.floor(r0 / 67108864);', ' r0 -= 67108864 * carry;', ' r1 += carry;');
  for (const limb of limbs) lines.push(` HEAP32[to + ${2 * limb}] = r${limb};`, ` HEAP32[to + ${2 * limb + 1}] = r${limb} < 0 ? -1 : 0;`);
  return ` function ${name}(to, one, other) {\n ${lines.join('\n ')}\n }\n`;
}

/** A function's text under another name, closed as wasm2js closes its own. */
const named = (work, name) => ` ${work.toString().replace(`function ${work.name}`, `function ${name}`).replace(/\}$/, ' }')}\n`;

const compression = (name) => `
 var hashConstants = new Int32Array(${JSON.stringify(constants())});
 var hashWords = new Int32Array(160);
${named(compress, name)}`;

/** `Field::plus` and `Field::minus`, which do not carry: limbs fit 31 bits, and the upper half of each is its sign. */
function sums(name, sign) {
  const lines = [' one >>= 2;', ' other >>= 2;', ' to >>= 2;', ' var limb = 0;'];
  for (let at = 0; at < 20; at += 2) {
    lines.push(` limb = HEAP32[one + ${at}] ${sign} HEAP32[other + ${at}] | 0;`);
    lines.push(` HEAP32[to + ${at}] = limb;`, ` HEAP32[to + ${at + 1}] = limb >> 31;`);
  }
  return ` function ${name}(to, one, other) {\n ${lines.join('\n ')}\n }\n`;
}

/** WebAssembly's `memory.copy`, which traps outside of memory. */
function copy(to, from, length) {
  to >>>= 0;
  from >>>= 0;
  length >>>= 0;
  if (Math.max(to, from) + length > HEAPU8.length) wasm2js_trap();
  HEAPU8.copyWithin(to, from, from + length);
}

/** And its `memory.fill`. */
function fill(to, value, length) {
  to >>>= 0;
  length >>>= 0;
  if (to + length > HEAPU8.length) wasm2js_trap();
  HEAPU8.fill(value, to, to + length);
}

/** A whole number of up to so many bits, or one of the extremes, either way from 0. */
function limb(size, bits) {
  const most = size * 2 ** bits;
  return Math.random() < 0.2 ? [-most, 0, most][Math.floor(3 * Math.random())] : Math.round((2 * Math.random() - 1) * most);
}

/** A field's element of at most this size, anywhere in 80 bytes from there on, as memory has it. */
const element = (numbers, at, size) => {
  for (let index = 0; index < 10; index++) numbers[at / 8 + index] = BigInt(limb(size, 26 - (index % 2)));
};

/** Where in memory, and how much of it: also beyond its end, now and then. */
function place(bytes) {
  for (let at = 1024; at < 2048; at++) bytes[at] = 256 * Math.random();
  const up = (most) => Math.floor(most * Math.random());
  const at = () => (Math.random() < 0.01 ? bytes.length - up(20) : 1024 + up(600));
  return [at, up(Math.random() < 0.5 ? 20 : 400)];
}

/** Fills memory from 1024 on with what a function takes, and returns its arguments: a result of 80 bytes may follow. */
export const KERNELS = [
  {
    pattern: /\w*sha512\w*compress\w*/,
    make: compression,
    fill(bytes) {
      for (let at = 1024; at < 1216; at++) bytes[at] = 256 * Math.random();
      return [1024, 1088];
    },
  },
  {
    pattern: /\w*field\w*Field\w*times\w*/,
    make: times,
    fill(bytes) {
      const numbers = new BigInt64Array(bytes.buffer);
      const size = [1, 2, 4, 8, 16][Math.floor(5 * Math.random())];
      element(numbers, 1024, size);
      element(numbers, 1104, 16 / size);
      return [1184, 1024, 1104];
    },
  },
  ...['plus', 'minus'].map((name) => ({
    pattern: new RegExp(`\\w*field\\w*Field\\d${name}\\w*`),
    make: (own) => sums(own, name === 'plus' ? '+' : '-'),
    fill(bytes) {
      const numbers = new BigInt64Array(bytes.buffer);
      element(numbers, 1024, 8);
      element(numbers, 1104, 8);
      // In place, too.
      return [[1184, 1024, 1104][Math.floor(3 * Math.random())], 1024, 1104];
    },
  })),
  // wasm-opt's own, of no name: known by how they begin.
  {
    pattern: /\$\d+(?=\(\$0, \$1, \$2\) \{\n {2}var \$3 = 0, \$4 = 0;\n {2}\$3 = __wasm_memory_size\(\) << 16;)/,
    make: (name) => named(copy, name),
    fill(bytes) {
      const [at, length] = place(bytes);
      return [at(), at(), length];
    },
  },
  {
    pattern: /\$\d+(?=\(\$0, \$1, \$2\) \{\n {2}if \(\$0 \+ \$2 >>> 0 > __wasm_memory_size\(\) << 16 >>> 0\))/,
    make: (name) => named(fill, name),
    fill(bytes) {
      const [at, length] = place(bytes);
      return [at(), Math.floor(256 * Math.random()), length];
    },
  },
];
