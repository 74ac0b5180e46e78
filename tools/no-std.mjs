// Proves that std is not in the engine: builds it with its function names and looks for one of std's.
// Run it through tools/env.sh.
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const target = 'target/no-std'; // its own folder: names change the profile, and would make the real engine rebuild
const flags = ['--profile', 'wasm', '--target', 'wasm32-unknown-unknown', '--target-dir', target];
execFileSync('cargo', ['build', '-p', 'waft', '-p', 'waft-engine', ...flags], {
  stdio: 'inherit',
  env: { ...process.env, CARGO_PROFILE_WASM_STRIP: 'none' },
});

const wasm = await readFile(`${target}/wasm32-unknown-unknown/wasm/waft_engine.wasm`);
const sections = WebAssembly.Module.customSections(new WebAssembly.Module(wasm), 'name');
// Names as rustc mangles them, old (_ZN3std) and new (_RNvCs..._3std), and as the linker spells them out.
const names = Buffer.concat(sections.map((bytes) => Buffer.from(bytes))).toString('latin1');
const from = (crate) =>
  names.match(new RegExp(`\\b${crate}::[\\w:]+|_ZN${crate.length}${crate}\\w+|_R\\w*_${crate.length}${crate}\\w*`, 'g')) ?? [];

if (from('core').length === 0) throw new Error('the engine was built without function names: nothing can be told');
const found = [...new Set(from('std'))];
if (found.length > 0) throw new Error(`std is in the engine: ${found.slice(0, 20).join(', ')}`);
console.log(`no std among the ${from('core').length + from('alloc').length} names from core and alloc`);
