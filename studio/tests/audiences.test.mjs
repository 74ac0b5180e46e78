// What the place of audiences works out without a page: figures beside a tree, changes of a tree, names, and a CSV that runs nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './module.mjs';

const { aligned, textOf } = await load('audiences/aligned.ts');
const tree = await load('audiences/tree.ts');
const { cell, lines } = await load('audiences/export.ts');
const { read, write } = await load('rules/condition.ts');
const { repeated } = await load('people/words.ts');

/** Figures whose number of matches is their name. */
const counted = (matches, ...parts) => ({ matches, others: 0, unknown: 0, parts });

test('figures stand beside the part that they are of', () => {
  const check = (value, figures, expected) => {
    const condition = read(value);
    const found = aligned(condition, figures);
    for (const [part, matches] of expected) assert.equal(found.get(textOf(read(part)))?.matches, matches, JSON.stringify(part));
  };
  const DE = { country: { is: 'DE' } };
  check(DE, counted(1), [[DE, 1]]);
  // What the compiler makes of one test is no part of its own.
  check({ orders: { between: [1, 2] } }, counted(1, counted(8), counted(9)), [[{ orders: { between: [1, 2] } }, 1]]);
  check({ ...DE, orders: { gte: 1 } }, counted(1, counted(2), counted(3)), [
    [DE, 2],
    [{ orders: { gte: 1 } }, 3],
  ]);
  check({ ...DE, orders: { gte: 1, lt: 9 } }, counted(1, counted(2), counted(3, counted(4), counted(5))), [
    [DE, 2],
    [{ orders: { gte: 1 } }, 4],
    [{ orders: { lt: 9 } }, 5],
  ]);
  check({ orders: { gte: 1, lt: 9 } }, counted(1, counted(2), counted(3)), [
    [{ orders: { gte: 1 } }, 2],
    [{ orders: { lt: 9 } }, 3],
  ]);
  check({ any: [DE, { not: { flag: { a: 'on', b: 'off' } } }] }, counted(1, counted(2), counted(3, counted(4, counted(5), counted(6)))), [
    [DE, 2],
    [{ not: { flag: { a: 'on', b: 'off' } } }, 3],
    [{ flag: { a: 'on' } }, 5],
    [{ flag: { b: 'off' } }, 6],
  ]);
  check({ all: [{ any: [DE] }] }, counted(1, counted(2, counted(3))), [
    [{ any: [DE] }, 2],
    [DE, 3],
  ]);
});

test('a tree is changed where it is asked, and stays as it is written elsewhere', () => {
  const check = (value, change, expected) => assert.deepEqual(write(tree.tidied(change(tree.grouped(read(value))))), expected);
  const [DE, gold, many] = [{ country: { is: 'DE' } }, { plan: { is: 'gold' } }, { orders: { gte: 3 } }];
  check(DE, (root) => tree.appended(root, [], read(many)), { ...DE, ...many });
  check({ any: [DE] }, (root) => tree.appended(root, [], read(many)), { any: [DE, many] });
  // Two tests of one key cannot be side by side.
  check(DE, (root) => tree.appended(root, [], read({ country: { is: 'FR' } })), { all: [DE, { country: { is: 'FR' } }] });
  check({ any: [DE, { all: [gold, many] }] }, (root) => tree.replaced(root, [1, 0], undefined), { any: [DE, { all: [many] }] });
  check({ any: [DE, many] }, (root) => tree.replaced(root, [0], { kind: 'not', part: read(DE) }), { any: [{ not: DE }, many] });
  check({ any: [DE, { not: many }] }, (root) => tree.replaced(root, [1, 0], read(gold)), { any: [DE, { not: gold }] });
  check({ any: [DE, many] }, (root) => tree.shifted(root, [1], -1), { any: [many, DE] });
});

test('an operator or an attribute that is changed keeps what was written as far as it can', () => {
  const model = {
    attributes: {
      country: { type: 'string' },
      city: { type: 'string' },
      plan: { type: 'string', values: ['gold'] },
      orders: { type: 'number' },
    },
  };
  const of = (operator, operand) => ({ kind: 'test', attribute: 'country', operator, operand });
  assert.deepEqual(tree.withOperator(of('is', 'DE'), 'string', 'in').operand, ['DE']);
  assert.deepEqual(tree.withOperator(of('in', ['DE', 'FR']), 'string', 'is').operand, 'DE');
  assert.deepEqual(tree.withOperator(of('is', 'DE'), 'string', 'missing'), of('exists', false));
  assert.deepEqual(tree.withOperator(of('exists', false), 'string', 'is').operand, '');
  assert.deepEqual(tree.withAttribute(of('is', 'DE'), 'city', model), { ...of('is', 'DE'), attribute: 'city' });
  assert.deepEqual(tree.withAttribute(of('is', 'DE'), 'plan', model), { ...of('is', 'gold'), attribute: 'plan' });
  assert.deepEqual(tree.withAttribute(of('is', 'DE'), 'orders', model), { ...of('is', 0), attribute: 'orders' });
});

test('a spreadsheet runs nothing of an exported file, and reads every cell as it was', () => {
  for (const formula of ['=1+1', '+49 30 1', '-2+3', '@SUM(A1)', '\t=1', '\r=1']) assert.match(cell(formula), /^"?'/, formula);
  for (const [value, expected] of [
    ['a', 'a'],
    ['a,b', '"a,b"'],
    // Some spreadsheets end a cell at a semicolon, at a tab or at a line's end.
    ['a;=1+1', '"a;\'=1+1"'],
    ['a\t@x', '"a\t\'@x"'],
    ['a\n-1', '"a\n\'-1"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    [-5, '-5'],
    [true, 'true'],
    [undefined, ''],
    [null, ''],
    [['a', 'b'], '"a|b"'],
    [' x', '" x"'],
    ['<b>', '<b>'],
  ]) {
    assert.equal(cell(value), expected);
  }
  assert.equal(lines(['a', 'b'], [{ a: 1 }, { b: '=x' }]), "1,\r\n,'=x\r\n");
});

test('rows that repeat ids are told where no ids tell all rows apart', () => {
  const column = (header, attribute, distinct, empty = 0) => ({ header, attribute, distinct, empty });
  const told = (columns, more = {}) => repeated({ rows: 10, columns, ...more }, ['visitorId', 'accountId']);
  assert.deepEqual(told([column('Visitor', 'visitorId', 4, 1), column('Land', 'country', 2)]), { header: 'Visitor', rows: 5 });
  // People of one account, a file without ids, and ids that all differ.
  for (const columns of [
    [column('Visitor', 'visitorId', 10), column('Account', 'accountId', 3)],
    [column('Land', 'country', 2)],
    [column('Visitor', 'visitorId', 8, 2)],
    [column('Visitor', undefined, 1)],
  ]) {
    assert.equal(told(columns), undefined);
  }
  // A column of ids in which nobody has one tells nobody apart.
  const empty = column('Visitor', 'visitorId', 0, 10);
  assert.deepEqual(told([empty, column('Account', 'accountId', 3)]), { header: 'Account', rows: 7 });
  // How many texts a file has says nothing of a sample of it.
  assert.equal(told([column('Visitor', 'visitorId', 4)], { sampledFrom: 20 }), undefined);
});
