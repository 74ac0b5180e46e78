// Writes engine/compat.js, the engine as JavaScript, which src/compat.ts takes in: binaryen's wasm2js translates it. Run by tools/wasm.sh with the
// path of the engine as rustc made it.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { KERNELS } from './compat-kernels.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const [built] = process.argv.slice(2);
const lowered = at('../engine/lowered.wasm');

// What rustc uses; with --all-features the lowering of copies refuses.
const FEATURES = ['bulk-memory', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals', 'multivalue', 'reference-types'];
// wasm2js knows WebAssembly 1.0 alone.
const LOWERING = ['llvm-memory-copy-fill-lowering', 'llvm-nontrapping-fptoint-lowering', 'signext-lowering'];
/** How often a kernel is compared with what it replaces. */
const TRIALS = 20_000;
const STRIPPING = ['remove-exports=__*', 'strip-producers', 'strip-target-features'];

/** `text` with the only place of `part` changed. */
function changed(text, part, by) {
  const [before, after, ...more] = text.split(part);
  if (after === undefined || more.length) throw new Error(`wasm2js does not write ${JSON.stringify(part)} once any more`);
  return before + by + after;
}

/** Rotations of 64 bits by a constant, in place: a call of wasm2js's own function for each takes 1.5 times as long for a hash. */
function rotated(text) {
  const HIGH = 'i64toi32_i32$HIGH_BITS';
  return text.replace(/__wasm_rotl_i64\((\$\w+), (\$\w+), (\d+)\)/g, (_, low, high, by) => {
    const [one, other, bits] = by < 32 ? [low, high, by] : [high, low, by - 32];
    if (!bits) return `(${HIGH} = ${other}, ${one})`;
    return `(${HIGH} = ${other} << ${bits} | ${one} >>> ${32 - bits}, ${one} << ${bits} | ${other} >>> ${32 - bits})`;
  });
}

/** Whether a call traps, as one outside of memory does. */
function traps(work, args) {
  try {
    work(...args);
  } catch {
    return true;
  }
  return false;
}

/** The kernel's function in place of the engine's, once it did the same to memory TRIALS times. */
async function replaced(text, { pattern, make, fill }) {
  const [, before, original, name, after] =
    new RegExp(`^(.*\\n)( function (${pattern.source})\\(.*?\\n \\}\\n)(.*)$`, 's').exec(text) ?? [];
  if (!name) throw new Error(`the engine has no function ${pattern}`);
  const both = changed(before + original + make('kernel') + after, ' return {\n', ` return { kernel, original: ${name},\n`);
  writeFileSync(at('../engine/both.mjs'), `${both}export const instantiate = () => asmFunc({});\n`);
  const { kernel, original: theirs, memory } = (await import(`../engine/both.mjs?${name}`)).instantiate();
  rmSync(at('../engine/both.mjs'));
  const bytes = new Uint8Array(memory.buffer);
  for (let trial = 0; trial < TRIALS; trial++) {
    const args = fill(bytes);
    const start = bytes.slice(1024, 2048);
    const wanted = traps(theirs, args) || Buffer.from(bytes.slice(1024, 2048));
    bytes.set(start, 1024);
    const found = traps(kernel, args) || Buffer.from(bytes.subarray(1024, 2048));
    if (!isDeepStrictEqual(found, wanted)) throw new Error(`${name} and its kernel differ`);
  }
  return before + make(name) + after;
}

/**
 * All functions in parentheses, so that V8 compiles them together with the script, off the page's thread where it can, and not each as it is first
 * called: the one that adopts takes 2,400 lines. An expression is there only once what is above it is done, so the memory is filled below them all.
 */
function expressed(text) {
  const [START, RETURN] = [' bufferView = HEAPU8;\n initActiveSegments(imports);\n', ' return {\n  "memory"'];
  const ordered = changed(changed(text, START, ''), RETURN, START + RETURN);
  const at = ordered.indexOf('function asmFunc(imports) {\n');
  const body = ordered.slice(at).replace(/^ function ([\w$]+)(\(.*?\) \{\n.*?^ \})\n/gms, ' var $1 = (function$2);\n');
  if (/^ ?function/m.test(body.slice(1))) throw new Error('wasm2js writes functions in another way');
  return `${ordered.slice(0, at)}var asmFunc = (${body.trimEnd()});\n`;
}

const flags = [...FEATURES.map((name) => `enable-${name}`), ...STRIPPING, ...LOWERING].map((name) => `--${name}`);
execFileSync('wasm-opt', [built, ...flags, '-O', '-g', '-o', lowered]);
const text = execFileSync('wasm2js', ['-O', lowered], { encoding: 'utf8', maxBuffer: 1 << 24 });
rmSync(lowered);
// What follows would start one instance, and export its functions.
const [code] = text.split('var retasmFunc = ');
// A view of memory that has grown is empty, as WebAssembly has it: so whoever holds one notices. `transfer` of buffers is younger than the
// oldest browsers.
const growing = changed(code, '   buffer = newBuffer;\n', '   structuredClone(buffer, { transfer: [buffer] });\n   buffer = newBuffer;\n');
// It writes numbers that are names as names.
let translated = rotated(growing).replace(/"\$(\d+)": /g, '$1: ');
for (const kernel of KERNELS) translated = await replaced(translated, kernel);
writeFileSync(at('../engine/compat.js'), `${expressed(translated)}export const instantiate = () => asmFunc({});\n`);
writeFileSync(
  at('../engine/compat.d.ts'),
  `import type { Exports } from '../src/engine/exports.js';\nexport function instantiate(): Exports;\n`,
);
