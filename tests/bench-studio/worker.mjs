// The workbench in a worker, as the demo has it.
import '../bench/memories.mjs';
import { openWorkbench } from 'waft/workbench';

let workbench;
const timed = (work) => {
  const started = performance.now();
  const result = work();
  return { took: performance.now() - started, result };
};
const members = {
  async load({ snapshot, trust, file, wasm }) {
    workbench = await openWorkbench(new URL(wasm));
    const started = performance.now();
    workbench.open({ snapshot, trust });
    const result = await workbench.read(file, { progress: (bytes) => postMessage({ bytes }) });
    return { took: performance.now() - started, result };
  },
  // As after an edit: other rules, and all segments of them.
  segments: ({ snapshot, trust, now }) =>
    timed(() => {
      workbench.open({ snapshot, trust });
      return workbench.count(now).segments;
    }),
  // The same while somebody writes: compiled from text, and counted in all parts of its condition.
  draft: ({ text, now }) =>
    timed(() => {
      workbench.compile({ 'waft.yaml': text }, { now });
      return workbench.count(now).segments;
    }),
  condition: ({ yaml, now }) => timed(() => workbench.countCondition(yaml, now)),
  flag: ({ flag, now }) => timed(() => workbench.decide(flag, now)),
  memory: () => ({ result: globalThis.wasmBytes() }),
};
addEventListener('message', async ({ data: { member, ...question } }) => {
  try {
    postMessage(await members[member](question));
  } catch (error) {
    postMessage({ error: `${error.code ?? ''} ${error.message}` });
  }
});
