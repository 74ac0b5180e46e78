// One peer in a page, for chromium.mjs: the figures as `globalThis.bench`. esbuild puts a peer's file in the place of `peer`.
import * as peer from 'peer';
import { measures } from './measure.mjs';
import { watchMemories } from './memories.mjs';

const here = (path) => new URL(path, location.href);
const bytes = async (path) => new Uint8Array(await (await fetch(here(path))).arrayBuffer());
const bench = measures(peer, (count) => bytes(`ruleset-${count}`));
const { prepare } = bench;

globalThis.bench = {
  ...bench,
  watchMemories,
  prepare: async (trust, ...rest) => prepare({ trust, wasm: peer.WASM && (await bytes('wasm')) }, ...rest),
};
