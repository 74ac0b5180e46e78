// A wasm that really traps: `unreachable` is executed in front of the n-th store, call or growth of memory, wherever that is.

/** Reads a module's bytes. */
class Reader {
  constructor(bytes, at = 0) {
    Object.assign(this, { bytes, at });
  }
  byte = () => this.bytes[this.at++];
  /** Signed numbers are only passed over. */
  leb() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }
  skip(count) {
    while (count--) this.leb();
  }
}

const leb = (value) => {
  const bytes = [];
  do bytes.push((value & 127) | (value > 127 ? 128 : 0));
  while ((value >>>= 7));
  return bytes;
};
const text = (value) => [...leb(value.length), ...Buffer.from(value)];

/** Passes over an instruction; whether it stores, calls or grows. https://webassembly.github.io/spec/core/binary/instructions.html */
function instruction(code) {
  const op = code.byte();
  if (op >= 0x28 && op <= 0x3e) code.skip(2);
  else if (op === 0x0e) code.skip(code.leb() + 1);
  else if (op === 0x1c) code.skip(code.leb());
  else if (op === 0x11) code.skip(2);
  else if (op === 0x43) code.at += 4;
  else if (op === 0x44) code.at += 8;
  else if (op === 0xfc) {
    const more = code.leb();
    if (more >= 8) code.skip([9, 11, 13, 15, 16, 17].includes(more) ? 1 : 2);
    return more >= 8;
  } else if (
    [0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2].includes(op)
  )
    code.leb();
  return (op >= 0x36 && op <= 0x3e) || op === 0x10 || op === 0x11 || op === 0x40;
}

/** The sections of a module: number and contents. */
function sectionsOf(bytes) {
  const module = new Reader(bytes, 8);
  const sections = new Map();
  while (module.at < bytes.length) {
    const id = module.byte();
    const length = module.leb();
    if (id) sections.set(id, bytes.subarray(module.at, module.at + length));
    module.at += length;
  }
  return sections;
}

/** A section with one item more. */
function added(section, item) {
  const reader = new Reader(section);
  const count = reader.leb();
  return [count, [...leb(count + 1), ...section.subarray(reader.at), ...item]];
}

/** How many functions are imported; nothing else may be. */
function importsOf(section) {
  if (!section) return 0;
  const reader = new Reader(section);
  const count = reader.leb();
  for (let index = 0; index < count; index++) {
    for (const _ of ['module', 'name']) {
      const length = reader.leb();
      reader.at += length;
    }
    if (reader.byte() !== 0) throw new Error('an import that is no function');
    reader.leb();
  }
  return count;
}

/** The exported functions by name, and their indices. */
function exportsOf(section) {
  const reader = new Reader(section);
  return Object.fromEntries(
    Array.from({ length: reader.leb() }, () => {
      const length = reader.leb();
      const name = Buffer.from(section.subarray(reader.at, (reader.at += length))).toString();
      // Not those that are memories and globals.
      const isFunction = reader.byte() === 0;
      const index = reader.leb();
      return [name, isFunction ? index : -1];
    }),
  );
}

/**
 * The module with a global `fuse`: it traps in front of the so many-th step from now on, 0 being the next; a fuse of -1 does not burn down within
 * 4 billion. Steps are stores, calls and growth of memory in all functions, or the calls of one export alone.
 */
export function fused(bytes, only) {
  const sections = sectionsOf(bytes);
  const exports = exportsOf(sections.get(7));
  const imported = importsOf(sections.get(2));
  if (only && !(exports[only] >= 0)) throw new Error(`no export ${only}`);
  const [type, types] = added(sections.get(1), [0x60, 0, 0]);
  const [tick, functions] = added(sections.get(3), leb(type));
  const [fuse, globals] = added(sections.get(6), [0x7f, 1, 0x41, 0x7f, 0x0b]);
  const [, named] = added(sections.get(7), [...text('fuse'), 3, ...leb(fuse)]);
  const call = [0x10, ...leb(imported + tick)];
  const burn = [0x23, ...leb(fuse), 0x45, 0x04, 0x40, 0x00, 0x0b, 0x23, ...leb(fuse), 0x41, 1, 0x6b, 0x24, ...leb(fuse)];
  const reader = new Reader(sections.get(10));
  const bodies = Array.from({ length: reader.leb() }, (_, index) => {
    const length = reader.leb();
    const code = new Reader(reader.bytes, reader.at);
    const end = (reader.at += length);
    for (let groups = code.leb(); groups--; ) code.skip(2);
    const body = [...reader.bytes.subarray(end - length, code.at), ...(only && imported + index === exports[only] ? call : [])];
    while (code.at < end) {
      const from = code.at;
      if (instruction(code) && !only) body.push(...call);
      body.push(...reader.bytes.subarray(from, code.at));
    }
    return body;
  });
  bodies.push([0, ...burn, 0x0b]);
  const replaced = {
    1: types,
    3: functions,
    6: globals,
    7: named,
    10: [...leb(bodies.length), ...bodies.flatMap((body) => [...leb(body.length), ...body])],
  };
  const all = [...sections].flatMap(([id, section]) => {
    const contents = replaced[id] ?? [...section];
    return [id, ...leb(contents.length), ...contents];
  });
  return new Uint8Array([...bytes.subarray(0, 8), ...all]);
}

/** The names of a module's exported functions. */
export const functionsOf = (bytes) =>
  Object.entries(exportsOf(sectionsOf(bytes).get(7)))
    .filter(([, index]) => index >= 0)
    .map(([name]) => name);

/** Every instance with a fuse that the test makes from now on, in order. `burn(instance, index)` sets its fuse before anything is called. */
export function instances(t, burn = () => {}) {
  const made = [];
  const { Instance, instantiate } = WebAssembly;
  WebAssembly.instantiate = async (code, ...rest) =>
    code instanceof WebAssembly.Module ? new WebAssembly.Instance(code, ...rest) : instantiate(code, ...rest);
  WebAssembly.Instance = class extends Instance {
    constructor(...args) {
      super(...args);
      if (!this.exports.fuse) return;
      burn(this, made.length);
      made.push(this);
    }
  };
  t.after(() => Object.assign(WebAssembly, { Instance, instantiate }));
  return made;
}
