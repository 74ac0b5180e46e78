// What a script uses: globals, their members, members of anything else, events, and options, each as a name in MDN's data.
import { parse } from 'acorn';
import { analyze } from 'eslint-scope';
import { at, under } from './floor.mjs';

/** Globals that are instances, and of what. */
const INSTANCES = {
  navigator: 'Navigator',
  document: 'Document',
  location: 'Location',
  history: 'History',
  crypto: 'Crypto',
  performance: 'Performance',
  localStorage: 'Storage',
  sessionStorage: 'Storage',
  indexedDB: 'IDBFactory',
  caches: 'CacheStorage',
};
/** Names of the global object. */
const SELVES = ['globalThis', 'window', 'self'];
/** What returns an iterator, whose own methods are newer than those of arrays by the same names, by how many arguments it takes. */
const ITERATORS = { values: 0, keys: 0, entries: 0, matchAll: 1 };

/** The newest edition of JavaScript that acorn reads here; `syntax` in check.mjs looks at the rest. */
const EDITION = 2022;

/**
 * Every use in a module's text: `{ paths, what, called }`. `paths` are those that it may be in MDN's data: one where the receiver is known, all
 * instance members of the name where it is not.
 */
export function uses(code) {
  const tree = parse(code, { ecmaVersion: EDITION, sourceType: 'module', ranges: true });
  const globals = new Set(
    analyze(tree, { ecmaVersion: EDITION, sourceType: 'module' }).globalScope.through.map(({ identifier }) => identifier),
  );
  const found = [];
  const use = (paths, what, called = false) => paths.length && found.push({ paths, what, called });

  /** What an expression is: `{ global }`, `{ type }` for an instance, `{ self }` for the global object. */
  function resolve(node) {
    if (node?.type === 'ChainExpression') return resolve(node.expression);
    if (node?.type === 'Identifier' && globals.has(node)) return named(node.name);
    if (node?.type === 'NewExpression') return { type: resolve(node.callee).global };
    if (node?.type !== 'MemberExpression') return {};
    const [name, owner] = [nameOf(node), resolve(node.object)];
    return owner.self && name ? named(name) : {};
  }
  const named = (name) => (SELVES.includes(name) ? { self: true } : { global: name, type: INSTANCES[name] });

  function visit(node, parent) {
    if (Array.isArray(node)) return node.forEach((child) => visit(child, parent));
    if (!node || typeof node.type !== 'string') return;
    // To ask whether there is something is no use of it.
    if (node.type === 'UnaryExpression' && node.operator === 'typeof') return visitInside(node.argument);
    if (node.type === 'Identifier' && globals.has(node) && !SELVES.includes(node.name))
      use(globalPaths(node.name), node.name, calls(parent, node));
    if (node.type === 'MemberExpression') visitMember(node, parent);
    if (node.type === 'ObjectPattern') destructure(node, parent);
    if (node.type === 'CallExpression' || node.type === 'NewExpression') visitCall(node);
    for (const [key, child] of Object.entries(node)) if (child && typeof child === 'object' && key !== 'range') visit(child, node);
  }
  const visitInside = (node) => node.type === 'MemberExpression' && visit(node.object, node);

  function visitMember(node, parent) {
    const name = nameOf(node);
    if (name) use(memberPaths(node.object, name), `${nameOf(node.object) ?? ''}.${name}`, calls(parent, node));
  }

  function memberPaths(object, name) {
    const { self, global, type } = resolve(object);
    if (self) return globalPaths(name);
    if (type)
      return existing(
        [
          ['api', type, name],
          ['javascript', 'builtins', type, name],
        ],
        () => instances(name),
      );
    if (global) return statics(global, name);
    if (isIterator(object)) return existing([['javascript', 'builtins', 'Iterator', name]]);
    return instances(name);
  }

  const isIterator = ({ type, callee, arguments: given }) => type === 'CallExpression' && ITERATORS[nameOf(callee)] === given.length;

  function destructure({ properties }, parent) {
    const source = parent?.init ?? parent?.right;
    for (const { key, computed } of properties) {
      const name = !computed && key?.name;
      if (name) use(source ? memberPaths(source, name) : instances(name), `{ ${name} }`);
    }
  }

  function visitCall({ callee, arguments: given, type }) {
    const name = nameOf(callee);
    if (/^(add|remove)EventListener$/.test(name) && given[0]?.type === 'Literal') {
      const paths = under(['api'])
        .map((owner) => ['api', owner, `${given[0].value}_event`])
        .filter(at);
      // It is heard if any target has it.
      found.push({ paths, what: `the event '${given[0].value}'`, called: true, any: true });
    }
    const { global } = resolve(callee);
    const paths = global ? globalPaths(global) : callee.type === 'MemberExpression' ? memberPaths(callee.object, name) : [];
    const made = type === 'NewExpression' ? paths.map((path) => [...path, path.at(-1)]) : paths;
    for (const { properties } of given.filter((argument) => argument.type === 'ObjectExpression')) {
      for (const option of properties.map(({ key }) => key?.name ?? key?.value).filter(Boolean)) {
        use(
          made.flatMap((path) => optionPaths(path, option)),
          `${name}({ ${option} })`,
        );
      }
    }
  }

  visit(tree);
  return found;
}

/** Of a property that is not computed, or by a literal; of an identifier. */
function nameOf(node) {
  if (node?.type === 'ChainExpression') return nameOf(node.expression);
  if (node?.type === 'Identifier') return node.name;
  if (node?.type !== 'MemberExpression') return undefined;
  const { property, computed } = node;
  return property.type === 'Identifier' && !computed ? property.name : property.type === 'Literal' ? String(property.value) : undefined;
}

const calls = (parent, node) => /^(Call|New)Expression$/.test(parent?.type) && parent.callee === node;

/** Those of some paths that MDN has; otherwise what `others` says. */
function existing(paths, others = () => []) {
  const known = paths.filter(at);
  return known.length ? known : others();
}

const globalPaths = (name) =>
  existing(
    [
      ['javascript', 'builtins', name],
      ['api', name],
      ['api', 'Window', name],
      ['api', 'WorkerGlobalScope', name],
    ].map(aliased),
  ).slice(0, 1);
const aliased = (path) => (path.at(-1) === 'WebAssembly' ? ['webassembly', 'api'] : path);

function statics(owner, name) {
  const parents = [owner, ...(/Array$/.test(owner) ? ['TypedArray'] : []), ...(/Error$/.test(owner) ? ['Error'] : [])];
  const paths =
    owner === 'WebAssembly'
      ? [
          ['webassembly', 'api', name],
          ['webassembly', 'api', `${name}_static`],
        ]
      : [];
  for (const parent of parents) {
    for (const root of [['javascript', 'builtins'], ['api']]) paths.push([...root, parent, `${name}_static`], [...root, parent, name]);
  }
  return existing(paths).slice(0, 1);
}

/** Interfaces that nothing here makes or is handed: their members are not meant by a name. And `Iterator`, of which `ITERATORS` tells. */
const ELSEWHERE =
  /^(SVG|CSS|RTC|Audio|Offline|Canvas|Font|FileSystem|Clipboard|Media|WebGL|HTML(?!Element|Input|Select|Button|Anchor)|Iterator|ProcessingInstruction|KeyboardEvent|Notification)/;

/** Members of this name of all instances there are at all, by interface. */
function instances(name) {
  return [['javascript', 'builtins'], ['api']].flatMap((root) =>
    under(root)
      .filter((owner) => !ELSEWHERE.test(owner))
      .map((owner) => [...root, owner, name])
      .filter(at),
  );
}

function optionPaths(path, option) {
  const parameters = under(path).filter((key) => key.endsWith('_parameter'));
  return [
    ...parameters.map((key) => [...path, key, option]),
    [...path, `options_${option}_parameter`],
    [...path, `init_${option}_parameter`],
  ].filter(at);
}
