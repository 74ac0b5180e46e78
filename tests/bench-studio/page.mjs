// The page: it asks the worker, and notes each task of its own that takes over 50 ms.
const worker = new Worker('worker.js', { type: 'module' });
const long = [];
new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
globalThis.long = long;
globalThis.told = 0;
const file = () => document.querySelector('input').files[0];
globalThis.ask = (member, question) =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      if ('bytes' in data) globalThis.told++;
      else if (data.error) reject(new Error(data.error));
      else resolve(data);
    };
    worker.postMessage({ member, file: file(), ...question });
  });
globalThis.bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
