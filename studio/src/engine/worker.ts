/**
 * Compiles, reads and counts beside the page, which stays free. Nothing that it reads leaves this machine: it sends no request but for its own
 * wasm.
 */

import { type FileSettings, openWorkbench, type Workbench } from 'waft/workbench';
import type { Answer, Request } from './messages.js';
import type { ListFile } from './types.js';

/** How often progress is told, in milliseconds. */
const OFTEN = 50;

const tell = (answer: Answer): void => postMessage(answer);
let opened: Promise<Workbench> | undefined;
/** Once; a failure, as without a network, is tried again by the next question. */
const open = (): Promise<Workbench> => {
  opened ??= openWorkbench().catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
};
/** What reads a file, by the id of its question. */
const reading = new Map<number, AbortController>();

async function read(workbench: Workbench, id: number, file: Blob, settings: FileSettings): Promise<unknown> {
  const stop = new AbortController();
  for (const earlier of reading.values()) earlier.abort();
  reading.set(id, stop);
  let told = performance.now();
  try {
    return await workbench.read(file, {
      settings,
      signal: stop.signal,
      progress: (bytes, rows) => {
        const now = performance.now();
        if (now - told < OFTEN) return;
        told = now;
        tell({ id, bytes, rows });
      },
    });
  } finally {
    reading.delete(id);
  }
}

/** Takes list files. Returns the names of those that belong to other rules. */
async function take(workbench: Workbench, files: readonly ListFile[]): Promise<string[]> {
  const refused: string[] = [];
  for (const file of files) {
    const bytes = file instanceof Blob ? file : file.bytes;
    if (!workbench.putList(file.name, new Uint8Array(await bytes.arrayBuffer()))) refused.push(file.name);
  }
  return refused;
}

async function answer(request: Request): Promise<unknown> {
  const workbench = await open();
  if ('stop' in request) return reading.get(request.stop)?.abort();
  if ('read' in request) return read(workbench, request.id, request.read, request.settings);
  if ('lists' in request) return take(workbench, request.lists);
  return (workbench[request.member] as (...args: readonly unknown[]) => unknown)(...request.args);
}

addEventListener('message', ({ data: request }: MessageEvent<Request>) => {
  const { id } = request;
  answer(request).then(
    (result) => tell({ id, result }),
    (error: Error & { code?: string }) => {
      const { code = 'FAILED', message } = error;
      // After a trap its instance is lost, with rules and people.
      tell({ id, error: { code, message }, fatal: error instanceof WebAssembly.RuntimeError });
    },
  );
});
