// The types of waft/react, as a page's compiler sees them; and what the entry imports.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const path = (of) => fileURLToPath(new URL(of, import.meta.url));

test('the return types follow the default, and mistakes do not compile', () => {
  const options =
    '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --jsx react-jsx --target es2022 --module nodenext --types'.split(' ');
  const { status, stdout } = spawnSync(path('../../node_modules/.bin/tsc'), [...options, '', path('types/react.tsx')], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});

test('the entry is for clients, and brings no client along', () => {
  const text = readFileSync(path('../dist/react.js'), 'utf8');
  assert.match(text, /^"use client";/);
  assert.deepEqual(new Set([...text.matchAll(/from "(.*)"/g)].map(([, from]) => from)), new Set(['react']));
});
