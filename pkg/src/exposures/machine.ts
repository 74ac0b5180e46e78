/** The state machine of the queue (crates/queue) behind typed calls: a small wasm of its own, which comes with this module. */

import { QUEUE_RECORDS } from '../limits.js';
import { unpack } from '../platform/bytes.js';
import { bytesOf } from '../platform/realm.js';
import type { ExposureStatus } from '../types.js';
import { MODULE } from './queue-wasm.js';

/** What came of a request. */
export interface Outcome {
  /** The HTTP status; 0 if there was none, or the answer was not read to its end. */
  readonly status: number;
  /** Whether the answer is empty or JSON. */
  readonly readable: boolean;
  /** How many records the collector rejected for good. */
  readonly rejected: number;
  /** For how long it asks to wait, in milliseconds. */
  readonly wait: number;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  numbers(): number;
  record(count: number, now: number): number;
  adopt(count: number, now: number): number;
  group(): number;
  next(now: number, leaving: boolean): number;
  begin(count: number): number;
  settle(request: number, status: number, readable: boolean, rejected: number, wait: number, now: number, random: number): number;
  drop(group: number): number;
  due(): number;
  counts(): number;
}

let own: WebAssembly.Module | undefined;

/** The queue's code: what comes with this module, unless a page brings it. Throws if WebAssembly is not allowed, or it is none. */
export function moduleOf(source: BufferSource | WebAssembly.Module | undefined): WebAssembly.Module {
  if (source === undefined) return ownModule();
  const bytes = bytesOf(source);
  // What is no module is none when it is to be used.
  return bytes ? new WebAssembly.Module(bytes) : (source as WebAssembly.Module);
}

/** 3 kB: compiled in less time than a promise takes, and below the 4 kB that some browsers compile at once. */
function ownModule(): WebAssembly.Module {
  return (own ??= new WebAssembly.Module(unpack(MODULE)));
}

/** One queue's state. Numbers of records, groups and requests start at 1. Times are milliseconds of one clock, whatever it counts from. */
export class Machine {
  readonly #wasm: Exports;
  /** Where numbers cross. The memory never grows. */
  readonly #numbers: Uint32Array;

  constructor(module: WebAssembly.Module = ownModule()) {
    this.#wasm = new WebAssembly.Instance(module).exports as unknown as Exports;
    this.#numbers = new Uint32Array(this.#wasm.memory.buffer, this.#wasm.numbers(), QUEUE_RECORDS);
  }

  /** Takes the records of a task, {@link QUEUE_RECORDS} at most, by the lengths of what is stored. Each one's number; 0 if it is not taken. */
  record(lengths: readonly number[], now: number): number[] {
    this.#numbers.set(lengths);
    this.#wasm.record(lengths.length, now);
    return this.#left(lengths.length);
  }

  /** The group of what was taken last. */
  get group(): number {
    return this.#wasm.group();
  }

  /** Takes over `count` stored records. Returns the first one's number; 0 if there is no room for them. */
  adopt(count: number, now: number): number {
    return this.#wasm.adopt(count, now);
  }

  /** The records that may go in the next request. */
  next(now: number, leaving: boolean): number[] {
    return this.#left(this.#wasm.next(now, leaving));
  }

  /** Begins a request with as many of them as there is room for, by their lengths in bytes: its number, and how many. */
  begin(lengths: readonly number[]): [request: number, count: number] {
    this.#numbers.set(lengths);
    const request = this.#wasm.begin(lengths.length);
    return [request, request && (this.#numbers[0] as number)];
  }

  /** Takes what came of a request: returns the groups that are done, or `undefined` if its records are to be sent again. */
  settle(request: number, { status, readable, rejected, wait }: Outcome, now: number, random: number): number[] | undefined {
    const count = this.#wasm.settle(request, status, readable, rejected, wait, now, random);
    return count < 0 ? undefined : this.#left(count);
  }

  /** Gives up a group for want of room, unless some of it is in flight. Its records. */
  drop(group: number): number[] {
    return this.#left(this.#wasm.drop(group));
  }

  /** When to send next; `undefined` if nothing waits. */
  due(): number | undefined {
    const due = this.#wasm.due();
    return due < 0 ? undefined : due;
  }

  /** How many records wait, and what became of others. */
  counts(): Pick<ExposureStatus, 'waiting' | 'sent' | 'overflow' | 'tooLong' | 'refused' | 'rejected'> {
    const [waiting, sent, overflow, tooLong, refused, rejected] = this.#left(this.#wasm.counts()) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return { waiting, sent, overflow, tooLong, refused, rejected };
  }

  #left(count: number): number[] {
    return [...this.#numbers.subarray(0, count)];
  }
}
