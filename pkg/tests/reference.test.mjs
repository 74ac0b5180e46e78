// docs/client.md, docs/server.md and pkg/README.md name every option, event, member, field and code of the sources, and every row of the matrix.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ROWS } from '../../tests/matrix/rows.mjs';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const [TYPES, CODES] = ['types', 'codes'].map((name) => read(`../src/${name}.ts`));
const [CLIENT, SERVER, README] = ['../../docs/client.md', '../../docs/server.md', '../README.md'].map(read);

/** Whether a document has a name as code: in backticks, alone or in an expression. */
const names = (document, name) =>
  [...document.matchAll(/`[^`\n]+`/g)].some(([code]) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(code));

/** The members of an interface, without those of what is in it. */
function membersOf(source, name) {
  const [, body] = new RegExp(`^export interface ${name}\\b[^\\n]*\\{\\n(.*?)^\\}`, 'ms').exec(source) ?? [];
  assert.ok(body, name);
  return [...new Set([...body.matchAll(/^ {2}(?:readonly )?(\w+)\??(?:[:(<])/gm)].map(([, member]) => member))];
}

/** The texts of a union. */
function unionOf(name) {
  const [, body] = new RegExp(`^export type ${name} =(.*?);`, 'ms').exec(CODES) ?? [];
  const texts = [...(body ?? '').replace(/\/\*\*.*?\*\//gs, '').matchAll(/'(\w+)'/g)].map(([, text]) => text);
  assert.ok(texts.length > 1, name);
  return texts;
}

const check = (document, wanted, kind) => {
  assert.ok(wanted.length > 0, kind);
  assert.deepEqual(
    wanted.filter((name) => !names(document, name)),
    [],
    kind,
  );
};

for (const [name, least] of Object.entries({
  Options: 10,
  ExposureOptions: 5,
  VisitorOptions: 2,
  CookieOptions: 2,
  UrlAttributes: 8,
  DeviceAttributes: 3,
  PollOptions: 2,
  StreamOptions: 2,
  PinOptions: 2,
  Trust: 7,
  Client: 18,
  ClientEvents: 6,
  Status: 10,
  ExposureStatus: 9,
  Details: 6,
  Snapshot: 4,
  Exposure: 9,
  TrackOptions: 2,
})) {
  test(`docs/client.md: ${name}`, () => {
    const members = membersOf(TYPES, name);
    assert.ok(members.length >= least, members.join());
    check(CLIENT, members, name);
  });
}

for (const name of ['Code', 'Warning', 'ErrorCode', 'Reason']) test(`docs/client.md: ${name}`, () => check(CLIENT, unionOf(name), name));

// Each message leads to this table.
test('pkg/README.md: what to do about each code', () => {
  const [, section] = /^## Codes$(.*)/ms.exec(README);
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .join('\n');
  check(rows, [...unionOf('Code'), ...unionOf('Warning'), ...unionOf('ErrorCode')], 'codes');
});

test('docs/server.md: what a server is told, and returns', () => {
  const source = read('../src/server/decide.ts');
  check(SERVER, [...membersOf(source, 'DecideOptions'), ...membersOf(source, 'Decided')], 'decide');
  check(SERVER, membersOf(read('../src/server/head.ts'), 'HeadOptions'), 'headTags');
});

test('docs/client.md: a recipe for each row of the matrix', () => {
  const [, section] = /^## Build tools$(.*?)^## /ms.exec(CLIENT);
  const told = [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => cell.match(/[\w-]+/g));
  // What is asked of the package itself, and of an example.
  const others = ['minifiers', 'oxc', 'published', 'next-app'];
  assert.deepEqual(
    told.sort(),
    Object.keys(ROWS)
      .filter((name) => !others.includes(name))
      .sort(),
  );
});
