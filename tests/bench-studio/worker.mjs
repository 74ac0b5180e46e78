// The studio in a worker, as the demo has it.
import '../bench/memories.mjs';
import { loadStudio } from 'waft/studio';

let audience;
const timed = (work) => {
  const started = performance.now();
  const result = work();
  return { took: performance.now() - started, result };
};
const members = {
  async load({ snapshot, trust, file, wasm }) {
    const studio = await loadStudio(new URL(wasm));
    const started = performance.now();
    audience = await studio.audience({ snapshot, trust, file, progress: (bytes) => postMessage({ bytes }) });
    return { took: performance.now() - started, result: audience.report };
  },
  // As after an edit: other rules, and all segments of them.
  segments: ({ snapshot, trust, now }) =>
    timed(() => {
      audience.adopt({ snapshot, trust });
      return audience.count(now).segments;
    }),
  flag: ({ flag, now }) => timed(() => audience.decide(flag, now)),
  memory: () => ({ result: globalThis.wasmBytes() }),
};
addEventListener('message', async ({ data: { member, ...question } }) => {
  try {
    postMessage(await members[member](question));
  } catch (error) {
    postMessage({ error: `${error.code ?? ''} ${error.message}` });
  }
});
