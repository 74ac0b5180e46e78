/** What waits in the queue: records by their numbers, and the machine that counts them, which another replaces if it traps. */

import { attempt } from '../platform/attempt.js';
import type { Machine } from './machine.js';

/** The most machines that may trap in a page view. */
const TRAPS = 3;

type Counts = ReturnType<Machine['counts']>;

const NOTHING: Counts = { waiting: 0, sent: 0, overflow: 0, tooLong: 0, refused: 0, rejected: 0 };

/** The JSON of a record that waits, and the number of its group. */
export interface Waiting {
  readonly text: string;
  readonly group: number;
}

/** The records of one queue. */
export class Ledger {
  readonly #open: () => Machine;
  /** Nothing once it has trapped too often, or where there never was one. */
  #machine: Machine | undefined;
  #traps = 0;
  /** What became of records by the machine, when it was last asked, and by those that trapped. */
  #counts = NOTHING;
  #counted = NOTHING;
  /** What waits, by number. */
  records = new Map<number, Waiting>();
  /** Where each group of it is stored, by the group's number. */
  keys = new Map<number, string>();
  /** Called once nothing counts records any more: those that are stored are the next page's. */
  onStop: () => void = () => {};

  /** `open` makes a machine, and throws if WebAssembly is not allowed. */
  constructor(open: () => Machine) {
    this.#open = open;
    this.#machine = attempt(open);
  }

  /** Whether nothing counts records. */
  get isStopped(): boolean {
    return !this.#machine;
  }

  /** What became of all records. */
  counts(): Counts {
    // What the next machine will not know.
    this.#counts = this.guarded((machine) => machine.counts()) ?? this.#counts;
    return sum(this.#counts, this.#counted);
  }

  /** Takes records of one task, which are stored under `key` then. Returns those that are to be: all, where nobody counts. */
  take(texts: readonly string[], key: string): readonly string[] {
    const lengths = texts.map(({ length }) => length);
    const recorded = this.guarded((machine) => ({ numbers: machine.record(lengths, performance.now()), group: machine.group }));
    // Where nobody counts any more, the next page does.
    if (!recorded) return texts;
    const { numbers, group } = recorded;
    numbers.forEach((number, index) => number && this.records.set(number, { text: texts[index] as string, group }));
    const taken = texts.filter((_, index) => numbers[index]);
    if (taken.length) this.keys.set(group, key);
    return taken;
  }

  /** Takes over a stored group: false if there is no room. */
  takeOver(texts: readonly string[], key: string): boolean {
    return this.guarded((machine) => adopt(machine, texts, key, this.records, this.keys)) ?? false;
  }

  /** Gives up a group, unless some of it is in flight. Returns whether it did. */
  drop(group: number): boolean {
    const known = this.#machine;
    // Another machine has other numbers.
    const numbers = this.guarded((machine) => (machine === known ? machine.drop(group) : [])) ?? [];
    this.forget(numbers);
    if (numbers.length) this.keys.delete(group);
    return numbers.length > 0;
  }

  /** Forgets records that are done. */
  forget(numbers: readonly number[]): void {
    for (const number of numbers) this.records.delete(number);
  }

  /** Works with the machine. If it traps, another one takes over what waits, and the work is done again. `undefined` if there is none. */
  guarded<T>(work: (machine: Machine) => T): T | undefined {
    for (let machine; (machine = this.#machine); ) {
      try {
        return work(machine);
      } catch {
        this.#replace();
      }
    }
    return undefined;
  }

  /** Never calls the machine's instance again: it is as the trap has left it. What is in flight is sent again, and is one row by its id. */
  #replace(): void {
    this.#machine = undefined;
    [this.#counted, this.#counts] = [sum(this.#counts, this.#counted), NOTHING];
    if (++this.#traps > TRAPS) return this.onStop();
    const groups = new Map<string, string[]>();
    for (const { text, group } of this.records.values()) {
      const key = this.keys.get(group) ?? '';
      groups.set(key, [...(groups.get(key) ?? []), text]);
    }
    try {
      const machine = this.#open();
      const [records, keys] = [new Map<number, Waiting>(), new Map<number, string>()];
      for (const [key, texts] of groups) adopt(machine, texts, key, records, keys);
      [this.#machine, this.records, this.keys] = [machine, records, keys];
    } catch {
      this.#replace();
    }
  }
}

/** Takes over the records of a stored group: false if there is no room. */
function adopt(machine: Machine, texts: readonly string[], key: string, records: Map<number, Waiting>, keys: Map<number, string>): boolean {
  const first = machine.adopt(texts.length, performance.now());
  if (!first) return false;
  const { group } = machine;
  keys.set(group, key);
  texts.forEach((text, index) => records.set(first + index, { text, group }));
  return true;
}

function sum(one: Counts, other: Counts): Counts {
  const names = Object.keys(NOTHING) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as Counts;
}
