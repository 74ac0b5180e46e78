// The types of waft/react, as a page's compiler sees them; and what the entry imports.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const path = (of) => fileURLToPath(new URL(of, import.meta.url));

for (const file of ['types/react.tsx', 'types/reactkeys.tsx']) {
  test(`return types follow the default and the flags, and mistakes do not compile: ${file}`, () => {
    const options =
      '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --jsx react-jsx --target es2022 --module nodenext --types'.split(' ');
    const { status, stdout } = spawnSync(path('../../node_modules/.bin/tsc'), [...options, '', path(file)], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });
}

test('the entry is for clients, and brings no client along', () => {
  const text = readFileSync(path('../dist/react.js'), 'utf8');
  assert.match(text, /^"use client";/);
  assert.deepEqual(new Set([...text.matchAll(/from ?"([^"]*)"/g)].map(([, from]) => from)), new Set(['react']));
});
