// The code blocks of a document, and what runs one as it is written: in a page of happy-dom, whose own server is asked for paths.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';

/** Each block of a document: its language, its code without the indent of a list, and its first line, which names it. */
export function blocksOf(path) {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^( *)```(\w+)\n(.*?)^ *```$/gms)].map(([, indent, language, code]) => {
    const lines = code.split('\n').map((line) => line.slice(indent.length));
    return { language, code: lines.join('\n'), name: lines[0] };
  });
}

const IMPORT = /^import (?:(\w+)|\{([^}]*)\}) from '([^']+)'(?: with \{[^}]*\})?;.*\n/gm;

/** What modules a block imports, each of which has the names that it asks for: of `files`, or of the package as it ships. */
async function importsOf(code, files) {
  const given = {};
  for (const [, whole, names, from] of code.matchAll(IMPORT)) {
    const module = files[from] ?? (await load(from));
    for (const name of whole ? ['default'] : names.split(',').map((name) => name.trim())) {
      assert.ok(name in module, `${from} has ${name}`);
      given[whole ?? name] = module[name];
    }
  }
  return given;
}

const load = (from) => import(from.replace(/^waft(?:\/(.*))?$/, (_, name = 'index') => `../dist/${name}.js`));

/**
 * Runs a block as the body of an asynchronous function, with what it imports (`files` stand for what is not the package's) and what it takes for
 * granted. Returns some of its variables, or what it returns itself.
 */
export async function run({ code, language }, { files = {}, returned = [], ...given } = {}) {
  const all = { ...(await importsOf(code, files)), load, ...given };
  const own = code
    .replace(IMPORT, '')
    .replace(/\bimport\(/g, 'load(')
    .replaceAll('import.meta.env', 'env')
    .replace(/^export /gm, '');
  const body = /^return/m.test(own) ? own : `${own}\nreturn { ${returned} };`;
  const { code: js } = await transform(`async () => {${body}}`, { loader: language === 'jsx' ? 'jsx' : 'js' });
  const names = Object.keys(all);
  return new Function(...names, `return (${js.replace(/;\n$/, '')})()`)(...Object.values(all));
}
