/** The audience of the sample: invented people, the same for everybody, made in a worker so that the page does not wait. */

import { config } from '../config.js';

const NAME = 'sample-people.csv';
const made = new WeakSet<File>();

/** A CSV of so many people. */
export function sampleFile(rows: number = config.people): Promise<File> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./people.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Blob>) => {
      worker.terminate();
      const file = new File([data], NAME, { type: 'text/csv' });
      made.add(file);
      resolve(file);
    };
    worker.onerror = (event) => {
      worker.terminate();
      reject(new Error(event.message || 'the sample could not be made: reload the page'));
    };
    worker.postMessage(rows);
  });
}

/** Whether a file is of the sample: figures of it are marked. */
export const isSample = (file: File | undefined): boolean => file !== undefined && made.has(file);
