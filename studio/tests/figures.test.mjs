// The figures beside each part of a condition are those that the compiler's own count of that part has.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openWorkbench } from 'waft/workbench';
import { tree } from './conditions.mjs';
import { load } from './module.mjs';
import { random } from './random.mjs';

const { aligned, textOf } = await load('audiences/aligned.ts');
const { partsOf, tidied } = await load('audiences/tree.ts');
const { write } = await load('rules/condition.ts');
const { invent } = await load('shell/sample/invent.ts');

const CASES = Number(process.env.CASES ?? 150);
const WASM = readFileSync(fileURLToPath(new URL('../../pkg/workbench/workbench_bg.wasm', import.meta.url)));
const SHOP = fileURLToPath(new URL('../../examples/shop', import.meta.url));
const shop = Object.fromEntries(
  readdirSync(SHOP, { recursive: true })
    .filter((file) => /\.(?:yaml|csv)$/.test(file))
    .map((file) => [file, readFileSync(join(SHOP, file), 'utf8')]),
);

test('every part of a random condition has the figures of its own count', async () => {
  const bench = await openWorkbench(WASM);
  const now = Date.parse('2026-11-30T08:00Z');
  assert.ok(bench.compile(shop, { environment: 'production', now }).counted);
  await bench.read(new Blob([...invent(1_500)]));
  let compared = 0;
  for (let seed = 1; seed <= CASES; seed++) {
    const condition = tidied(tree(random(seed * 7)));
    const whole = bench.countCondition(JSON.stringify(write(condition)), now);
    const figures = aligned(condition, whole);
    const compare = (part) => {
      const text = textOf(part);
      const { matches, others, unknown } = bench.countCondition(text, now);
      const shown = figures.get(text);
      assert.deepEqual(
        { matches: shown?.matches, others: shown?.others, unknown: shown?.unknown },
        { matches, others, unknown },
        `seed ${seed}: ${text}`,
      );
      compared++;
      for (const inner of partsOf(part)) compare(inner);
    };
    compare(condition);
  }
  assert.ok(compared > CASES, `${compared} parts`);
});
