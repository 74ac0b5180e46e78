// One peer in a page, for chromium.mjs: the figures as `globalThis.bench`. esbuild puts a peer's file in the place of `peer`.
import './memories.mjs';
import * as peer from 'peer';
import { measures } from './measure.mjs';

const here = (path) => new URL(path, location.href);
const bytes = async (path) => new Uint8Array(await (await fetch(here(path))).arrayBuffer());
const bench = measures(peer, (count) => bytes(`ruleset-${count}`));
const { prepare } = bench;

globalThis.bench = {
  ...bench,
  prepare: async (trust, ...rest) => prepare({ trust, wasm: peer.WASM && (await bytes('wasm')) }, ...rest),
};
