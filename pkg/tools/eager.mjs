// Functions as V8 compiles them together with the script that they are in: in parentheses. It takes any other for one that may never be called,
// reads over it, and compiles it in the page's thread once it is called: some 200 of them before the first flag (docs/performance.md). esbuild,
// from 0.25.9, and oxc leave parentheses where they are; swc takes them away, and a page does the same, as late as ever.
//
// Of a class this holds for fields alone, so methods that are named become fields: each costs a client a little, so only what every page calls is.
// V8 takes no asynchronous arrow for such, but functions. Callbacks are put in parentheses only in functions that are named: each costs a byte.
import { parse } from 'acorn';
import { transform } from 'esbuild';

const childrenOf = (node) =>
  Object.values(node)
    .flat()
    .filter((value) => typeof value?.type === 'string');

/** Whether a function, or an arrow in it, has a node of these types, or a name that is one of them. */
const has = (node, ...wanted) =>
  wanted.includes(node.type) ||
  wanted.includes(node.name) ||
  childrenOf(node).some((child) => !/^Function/.test(child.type) && has(child, ...wanted));

/** The edits, `[from, to, text]`, that make a declared function or a method an expression in parentheses, behind what names it. */
function expressed({ body, end, async: isAsync, generator }, start, name, before) {
  // Arrows have none of these; and of a function, another `this`.
  if (generator || has(body, 'Super', 'arguments', before ? 'ThisExpression' : '')) return [];
  const arrow = isAsync ? [] : [[body.start, body.start, '=> ']];
  return [[start, name.start, before], [name.end, name.end, ` = (${isAsync ? 'async function' : ''}`], ...arrow, [end, end, ');']];
}

/** Whether a callback is for what follows, as when something failed, or for later. */
const isPutOff = (parent) =>
  parent.type === 'CallExpression' && (parent.callee.property?.name === 'catch' || parent.callee.name === 'setTimeout');

/** The edits that put a callback in parentheses. */
function enclosed(node, code) {
  const { start, end, body, params } = node;
  if (!node.async)
    return [
      [start, start, '('],
      [end, end, ')'],
    ];
  if (body.type !== 'BlockStatement' || has(body, 'ThisExpression')) return [];
  const given = params.length ? code.slice(params[0].start, params.at(-1).end) : '';
  return [
    [start, body.start, `(async function (${given}) `],
    [end, end, ')'],
  ];
}

/** Of a module's top level, the functions that nothing above them uses while the module starts. */
function lateIn({ body }, code) {
  const late = new Set();
  let above = '';
  for (const statement of body) {
    const { declaration = statement, start, end } = statement;
    if (declaration?.type !== 'FunctionDeclaration') above += /^(?:Class|Import)/.test(declaration?.type) ? '' : code.slice(start, end);
    else if (!new RegExp(`\\b${declaration.id.name}\\b`).test(above)) late.add(declaration);
  }
  return late;
}

/**
 * A module's text, in TypeScript, as JavaScript with its functions so, and these methods, and the callbacks in functions of these names: `met` is told
 * both.
 */
export async function eager(text, sourcefile, methods, callers, met) {
  const { code, map } = await transform(text, { sourcefile, loader: 'ts', target: 'esnext', charset: 'utf8', sourcemap: 'external' });
  const tree = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
  const late = lateIn(tree, code);
  const edits = [];
  (function walk(node, parent, caller) {
    const { type, start, key } = node;
    const name = key && code.slice(key.start, key.end);
    const named = name ?? (type === 'FunctionDeclaration' ? node.id.name : undefined);
    const within = callers.includes(named) ? named : caller;
    if (type === 'ArrowFunctionExpression' && within && !isPutOff(parent)) {
      met.add(within);
      edits.push(...enclosed(node, code));
    }
    if (type === 'MethodDefinition' && node.kind === 'method' && methods.includes(name)) {
      const made = node.static ? [] : expressed(node.value, start, key, '');
      // As a method it would be shadowed by the field of the class that it overrides.
      if (!made.length)
        throw new Error(`${sourcefile}: ${name} cannot become a field: it is static, a generator, or has super or arguments`);
      met.add(name);
      edits.push(...made);
    } else if (late.has(node)) edits.push(...expressed(node, start, node.id, 'const '));
    childrenOf(node).forEach((child) => walk(child, node, within));
  })(tree);
  let at = 0;
  let made = '';
  for (const [from, to, edit] of edits.sort(([one], [other]) => one - other)) {
    made += code.slice(at, from) + edit;
    at = to;
  }
  // Lines are where they were.
  return `${made}${code.slice(at)}//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}\n`;
}
