/** Reads and counts a file of people beside the page, which stays free. Nothing that it reads leaves this machine: it sends no request but for its own wasm. */

import { openWorkbench, type Report, type Workbench } from 'waft/workbench';
import type { Answer, Read, Request } from './messages.js';

/** How often progress is told, in milliseconds. */
const OFTEN = 50;

const tell = (answer: Answer): void => postMessage(answer);
let workbench: Workbench | undefined;
/** Of the people in hand. */
let report: Report | undefined;
let stop = new AbortController();

async function read({ snapshot, trust, file, settings }: Read, { signal }: AbortController): Promise<void> {
  report = undefined;
  const started = performance.now();
  let told = started;
  workbench ??= await openWorkbench();
  workbench.open({ snapshot, trust });
  const read = await workbench.read(file, {
    settings,
    signal,
    progress: (bytes, rows) => {
      const now = performance.now();
      if (now - told < OFTEN) return;
      told = now;
      tell({ bytes, rows });
    },
  });
  const counted = workbench.count();
  report = read;
  if (!signal.aborted) tell({ report, counted, took: performance.now() - started, refused: [] });
}

/** Takes list files, and counts anew. A file that was not signed is named, and the others count. */
async function take(files: readonly File[]): Promise<void> {
  const started = performance.now();
  const refused: string[] = [];
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (!workbench?.putList(file.name, bytes)) refused.push(file.name);
  }
  if (workbench && report) tell({ report, counted: workbench.count(), took: performance.now() - started, refused });
}

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  stop.abort();
  if ('stop' in data) return;
  const own = (stop = new AbortController());
  ('lists' in data ? take(data.lists) : read(data.read, own)).catch((error: Error & { code?: string }) => {
    // A file that was stopped for another one says nothing more.
    if (own === stop && error.code !== 'CANCELLED') tell({ code: error.code ?? 'FAILED', message: error.message });
  });
});
