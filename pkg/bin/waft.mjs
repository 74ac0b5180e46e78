#!/usr/bin/env node
// `npx waft`: the commands that need no server. They are the native program's own, as wasm; what is here gives them the world.
import { readFileSync } from 'node:fs';
import { initSync, run } from '../node/node.js';
import { host } from './host.mjs';

try {
  initSync({ module: readFileSync(new URL('../node/node_bg.wasm', import.meta.url)) });
  process.exitCode = run(process.argv.slice(2), host);
} catch (error) {
  host.print('err', `waft: stopped unexpectedly, please report it: ${error?.stack ?? error}`);
  process.exitCode = 1;
}
