// The memory of every WebAssembly instance that a page makes from now on, whoever makes it: `globalThis.wasmBytes()` is how much they hold.
// Not in pages that are timed: it would be a part of the first load there.
export function watchMemories() {
  // Weakly: a page has room for about 120.
  const memories = new Set();

  function note(result) {
    const { exports } = result.instance ?? result;
    for (const exported of Object.values(exports)) if (exported instanceof WebAssembly.Memory) memories.add(new WeakRef(exported));
    return result;
  }

  for (const name of ['instantiate', 'instantiateStreaming']) {
    const instantiate = WebAssembly[name];
    WebAssembly[name] = async (...args) => note(await instantiate(...args));
  }

  globalThis.wasmBytes = () => [...memories].reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0);

  // What is started at once, by the constructor, counts as well. What others have started is still an instance.
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(...args) {
      super(...args);
      note(this);
    }

    static [Symbol.hasInstance](value) {
      return Instance[Symbol.hasInstance](value);
    }
  };
}
