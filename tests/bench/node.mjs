// One peer in a process of its own, for bench.mjs: takes calls of measure.mjs's members as messages.
import { readFile } from 'node:fs/promises';
import { measures } from './measure.mjs';

const [file, rulesets, wasm, trust] = process.argv.slice(2);
const peer = await import(file);
const bench = measures(peer, async (count) => new Uint8Array(await readFile(`${rulesets}-${count}`)));
const assets = { wasm: wasm && (await readFile(wasm)), trust: JSON.parse(trust) };

process.on('message', async ([member, ...args]) => {
  try {
    const value = await bench[member](...(member === 'prepare' ? [assets, ...args] : args));
    process.send({ value });
  } catch (error) {
    process.send({ error: error.stack });
  }
});
process.on('disconnect', () => process.exit());
process.send({ value: 'ready' });
