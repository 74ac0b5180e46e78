/** A file of people, read in a worker: what came of it, or what is wrong. */

import type { PopulationCount, Report } from 'waft/workbench';
import type { Session } from '../session.js';
import type { Answer, Request } from './messages.js';
// Built as a script: Firefox before 114 has no workers that are modules.
import PeopleWorker from './worker.js?worker';

/** Before this many milliseconds nobody needs to be told how far it is. */
const PATIENCE = 300;

/** Which attribute each column fills, and how its numbers or dates are read, as somebody chose. */
export interface Choices {
  readonly columns: Record<string, string | null>;
  readonly forms: Record<string, string>;
}

export interface Outcome {
  readonly report: Report;
  readonly counted: PopulationCount;
  readonly took: number;
  /** List files that belong to other rules. */
  readonly refused: readonly string[];
}

export interface Reader {
  /** Reads a file in place of whatever is being read. Undefined if it was stopped, or another came. */
  read(file: Blob, choices: Choices): Promise<Outcome | undefined>;
  /** Takes list files of the rules, and counts the file that was read anew. */
  lists(files: readonly File[]): Promise<Outcome | undefined>;
  stop(): void;
}

/** `progress` is told the share that was read, from 0 to 1, and the rows; once it takes longer than people like to wait. */
export function reader(
  session: Session,
  enums: Record<string, readonly string[]>,
  progress: (share: number, rows: number) => void,
): Reader {
  let worker: Worker | undefined;
  let end: (() => void) | undefined;
  /** Asks, in place of what was asked before. `size` is that of the file to be read. */
  function ask(request: Request, size: number): Promise<Outcome | undefined> {
    end?.();
    const open = (worker ??= new PeopleWorker());
    const started = performance.now();
    return new Promise((resolve, reject) => {
      end = () => resolve(undefined);
      open.onmessage = ({ data }: MessageEvent<Answer>) => {
        if ('bytes' in data) {
          if (performance.now() - started > PATIENCE) progress(data.bytes / size, data.rows);
        } else if ('report' in data) resolve(data);
        else reject(Object.assign(new Error(data.message), { code: data.code }));
      };
      open.onerror = (event) => {
        open.terminate();
        worker = undefined;
        reject(new Error(event.message || 'the worker that reads files cannot start: reload the page'));
      };
      open.postMessage(request);
    });
  }

  return {
    async read(file, choices) {
      const { bytes: snapshot, trust } = session;
      if (!snapshot) return undefined;
      return ask({ read: { snapshot, trust, file, settings: { ...choices, forms: choices.forms as never, enums } } }, file.size);
    },
    lists: (files) => ask({ lists: files }, 1),
    stop() {
      worker?.postMessage({ stop: true } satisfies Request);
      end?.();
    },
  };
}
