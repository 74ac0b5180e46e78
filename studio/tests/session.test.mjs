// What all places of the studio share: the rules as they are drafted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './module.mjs';

const { current, edit, open, saved } = await load('shell/session.ts');

test('what was saved is that of the rules that it was saved of, and of no others', () => {
  open({ kind: 'serve', etag: '1' }, { 'waft.yaml': 'a' });
  const { source } = current();
  edit({ 'waft.yaml': 'b' });
  saved(source, { kind: 'serve', etag: '2' }, { 'waft.yaml': 'b' });
  assert.deepEqual(current(), { source: { kind: 'serve', etag: '2' }, base: { 'waft.yaml': 'b' }, files: { 'waft.yaml': 'b' } });

  const served = current().source;
  open({ kind: 'files', name: 'rules', id: '1' }, { 'waft.yaml': 'of the folder' });
  const folder = current();
  saved(served, { kind: 'serve', etag: '3' }, { 'waft.yaml': 'b' });
  assert.equal(current(), folder);
});
