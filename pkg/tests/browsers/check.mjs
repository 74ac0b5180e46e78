// What of some shipped bytes the oldest browsers would not run. Everything is an error, unless `exceptions.mjs` lists it with its reason.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';
import { transform } from 'esbuild';
import { at, missing, TARGET } from './floor.mjs';
import { uses } from './uses.mjs';

/** WebAssembly's features: how wasm-opt calls them, and MDN. */
const WASM = {
  'sign-ext': 'sign-extension-operations',
  'mutable-globals': 'api',
  'nontrapping-float-to-int': 'non-trapping-float-to-int-conversions',
  simd: 'fixed-width-SIMD',
  'bulk-memory': 'bulk-memory-operations',
  'exception-handling': 'exceptionsFinal',
  'tail-call': 'tail-calls',
  'reference-types': 'reference-types',
  multivalue: 'multi-value',
  gc: 'garbage-collection',
  memory64: 'memory64',
  'relaxed-simd': 'relaxed-SIMD',
  'extended-const': 'extended-constant-expressions',
  multimemory: 'multiMemory',
};

/** What a module's text asks for that the floor lacks: `{ what, path, browsers, called }`. */
export async function script(code) {
  const found = await syntax(code);
  if (found.length) return found;
  for (const { paths, what, called, any } of uses(code)) {
    const lacking = paths.map((path) => [path, missing(path)]).filter(([, browsers]) => browsers.length);
    if (any && lacking.length < paths.length) continue;
    for (const [path, browsers] of lacking) {
      // Of what is missing as a whole there are no instances: nobody has made one without its name.
      if (!missing(path.slice(0, -1)).length) found.push({ what, path: path.join('.'), browsers, called });
    }
  }
  return found;
}

/** Grammar and regular expressions: what esbuild would write otherwise for the floor, or could not; and what only newer editions of JavaScript have. */
async function syntax(code) {
  const options = { format: 'esm', logLevel: 'silent' };
  try {
    for (const regex of regexes(code))
      await transform(regex, { ...options, target: TARGET, logOverride: { 'unsupported-regexp': 'error' } });
    const [floor, today] = await Promise.all(
      [TARGET, 'esnext'].map((target) => transform(code, { ...options, target, logOverride: { 'unsupported-regexp': 'error' } })),
    );
    if (floor.code !== today.code) return [{ what: firstDifference(floor.code, today.code), path: 'syntax', browsers: TARGET }];
  } catch (error) {
    return [{ what: error.errors?.[0]?.text ?? error.message, path: 'syntax', browsers: TARGET }];
  }
  return [];
}

function firstDifference(floor, today) {
  const [lines, others] = [floor, today].map((text) => text.split('\n'));
  return others
    .find((line, index) => line !== lines[index])
    .trim()
    .slice(0, 200);
}

/** Patterns that are made of texts, as literals. One that is made of anything else cannot be looked at, and is an error. */
function regexes(code) {
  const found = [];
  const visit = (node) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (!node || typeof node !== 'object') return;
    if (/^(New|Call)Expression$/.test(node.type) && node.callee.name === 'RegExp') {
      const [pattern, flags] = node.arguments;
      if (typeof pattern?.value !== 'string' || (flags && typeof flags.value !== 'string')) throw new Error('RegExp of what is no literal');
      found.push(`x(${String(new RegExp(pattern.value, flags?.value))})`);
    }
    Object.values(node).forEach(visit);
  };
  visit(parse(code, { ecmaVersion: 2022, sourceType: 'module' }));
  for (const regex of found) parse(regex, { ecmaVersion: 2022 });
  return found;
}

/** What a wasm file asks for that the floor lacks: wasm-opt, told to know no more than the floor, says where. */
export function wasm(file) {
  const known = Object.entries(WASM).filter(([, feature]) => {
    if (!at(['webassembly', feature])) throw new Error(`MDN does not know webassembly.${feature}`);
    return !missing(['webassembly', feature]).length;
  });
  const features = known.flatMap(([flag]) => [`--enable-${flag}`, ...(flag === 'bulk-memory' ? ['--enable-bulk-memory-opt'] : [])]);
  try {
    execFileSync(
      fileURLToPath(new URL('../../../node_modules/.bin/wasm-opt', import.meta.url)),
      ['--mvp-features', ...features, file, '-o', '/dev/null'],
      { stdio: 'pipe' },
    );
    return [];
  } catch (error) {
    return [{ what: String(error.stderr ?? error).slice(0, 300), path: 'webassembly', browsers: TARGET }];
  }
}
