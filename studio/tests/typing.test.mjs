// What is typed into the rules text while a colleague's change arrives: both count, and line ends stay as they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './module.mjs';

const { own, withTyped } = await load('rules/typing.ts');

test('only the stretch that was typed is changed', () => {
  const before = 'a: 1\nb: 2\nc: 3\n';
  for (const [now, typed, expected] of [
    [before, 'a: 1\nb: 20\nc: 3\n', 'a: 1\nb: 20\nc: 3\n'],
    // Theirs is above, below, and in the same place.
    ['a: 10\nb: 2\nc: 3\n', 'a: 1\nb: 2\nc: 30\n', 'a: 10\nb: 2\nc: 30\n'],
    ['a: 1\nb: 2\nc: 30\nd: 4\n', 'a: 10\nb: 2\nc: 3\n', 'a: 10\nb: 2\nc: 30\nd: 4\n'],
    ['b: 2\nc: 3\n', 'a: 1\nb: 2\nc: 3\n# mine\n', 'b: 2\nc: 3\n# mine\n'],
    ['a: 1\nb: 3\nc: 3\n', 'a: 1\nb: 4\nc: 3\n', 'a: 1\nb: 4\nc: 3\n'],
    ['', 'a: 1\n', 'a: 1\n'],
    // Nothing was typed.
    ['a: 10\nb: 2\nc: 3\n', before, 'a: 10\nb: 2\nc: 3\n'],
  ]) {
    assert.equal(withTyped(now, before, typed), expected);
  }
});

test('the other lines keep their line ends', () => {
  const text = 'a: 1\r\nb: 2\nc: 3\r\n';
  assert.equal(withTyped(text, own(text), 'a: 1\nb: 2\nnew: 0\nc: 30\n'), 'a: 1\r\nb: 2\nnew: 0\r\nc: 30\r\n');
  assert.equal(withTyped(text, own(text), 'a: 10\nb: 2\nc: 3\n'), 'a: 10\r\nb: 2\nc: 3\r\n');
});
