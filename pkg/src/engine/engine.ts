/** The engine: the only file that calls its wasm. Strings and structures are made here, nothing is decided. */

import { type Code, codeOf } from '../codes.js';
import { TEXT_LENGTH } from '../limits.js';
import { fromHex, utf8 } from '../platform/bytes.js';
import type { Seen } from '../storage/seen.js';
import type { Context, Snapshot } from '../types.js';
import { encodeContext, encodeText, type Room } from './context.js';
import type { Exports } from './exports.js';
import * as call from './exports.js';
import { type Idle, type Reserved, take } from './module.js';

/** The types of values, as the engine numbers them. */
export const BOOLEAN = 1;
export const STRING = 2;
export const NUMBER = 3;
export const OBJECT = 4;

/** How bytes are adopted, as crates/engine has it: as a preview token, or only looked at; else as a snapshot. */
export const PREVIEW = 1;
export const LOOK = 2;

/** Chunks are left to check. */
const OPEN = -1;

/** How contexts are read for a snapshot: the names of attributes by slot, and of each unit the name and the slot. */
export interface Rules {
  readonly attributes: readonly string[];
  readonly units: readonly string[];
}

/** How far a snapshot is checked: to its end, or why it is refused after all. */
export interface Progress {
  readonly isWhole?: boolean;
  readonly code?: Code;
}

/**
 * One client's engine, in an instance of its own: what a trap leaves behind is nobody else's. Any member may throw if the instance traps;
 * then whoever called drops the engine.
 */
export class Engine {
  readonly #idle: Idle;
  /** Nothing once it is dropped: then each member throws. */
  #wasm: Exports;
  #view: Uint8Array;
  readonly #room: Room = {
    bytes: new Uint8Array(),
    sent: [],
    need: (length) => {
      if (length <= this.#room.bytes.length) return;
      const address = this.#wasm[call.ROOM](2 * length);
      this.#room.bytes = new Uint8Array(this.#wasm.memory.buffer, address, 2 * length);
    },
  };
  /** The active snapshot, and how contexts are read for it. */
  declare snapshot: Snapshot;
  declare rules: Rules;
  /** Made once, as that takes as long as to decode a short text; and not on import, as Jest's jsdom has none. */
  readonly #decoder = new TextDecoder();
  /** How many bytes of contexts were sent since all of one was. */
  #sent = 0;

  constructor(reserved: Reserved) {
    this.#idle = reserved.idle;
    this.#wasm = take(reserved);
    this.#view = new Uint8Array(this.#wasm.memory.buffer);
  }

  /** Takes the bytes of a trust, and returns why it refuses them. */
  trust(bytes: Uint8Array): Code | undefined {
    this.#send(bytes);
    return refusal(this.#wasm[call.TRUST]());
  }

  /** Tells the highest version adopted before. */
  seen({ version, digest }: Seen): void {
    this.#send(fromHex(digest));
    this.#wasm[call.SEEN](version);
  }

  /**
   * Verifies a snapshot and makes it active, or returns why not. The context is forgotten if it is active. Or a preview token, which holds
   * until {@link validUntil} then.
   */
  adopt(bytes: Uint8Array, now: number, mode = 0): Code | undefined {
    this.#send(bytes);
    const refused = refusal(this.#wasm[call.ADOPT](now, mode));
    if (refused || mode) return refused;
    this.#forget();
    const [version, issued, expires, digest = '', count, ...names] = this.#lines(this.#wasm[call.DESCRIBE]());
    this.snapshot = Object.freeze({ version: Number(version), issued: 1_000 * Number(issued), expires: 1_000 * Number(expires), digest });
    this.rules = { units: names.splice(0, 2 * Number(count)), attributes: names };
    return undefined;
  }

  /** What verified bytes are: kind, version, issued, expires (seconds since 1970), digest, payload; or why they are refused. */
  look(bytes: Uint8Array, now: number): string[] | Code {
    return this.adopt(bytes, now, LOOK) ?? this.#lines(this.validUntil());
  }

  /** Takes keys of flags that are killed under the active snapshot, a line each, in UTF-8. */
  kill(keys: Uint8Array): void {
    this.#send(keys);
    this.#wasm[call.KILL]();
  }

  /** The keys of all flags in the order of their indices. */
  keys(): string[] {
    return this.#lines(this.#wasm[call.KEYS]());
  }

  /** Takes a context: what is not as it was before crosses the border. */
  context(context: Context): void {
    // What is replaced takes room in the engine until all is sent anew.
    const anew = this.#sent > TEXT_LENGTH;
    if (anew) this.#forget();
    const length = encodeContext(context, this.rules.attributes, this.#room);
    this.#sent += length;
    this.#wasm[call.CONTEXT](length, anew);
  }

  /** The index of a flag; -1 if there is none of this key. */
  find(key: string): number {
    this.#room.need(3 * key.length + 4);
    return this.#wasm[call.FIND](encodeText(key, this.#room.bytes, 0));
  }

  /** Checks one more chunk of a large snapshot. */
  advance(): Progress {
    const code = this.#wasm[call.ADVANCE]();
    return code > 0 ? { code: codeOf(code) } : { isWhole: code !== OPEN };
  }

  /** Decides a flag. Returns what packed.ts takes apart. */
  evaluate(flag: number, now: number): number {
    return this.#wasm[call.EVALUATE](flag, now);
  }

  /**
   * What {@link evaluate} would return of each flag, by its index, of which only a draw is left to decide; 0 or nothing of others. Nothing
   * for whoever knows few of the flags, as the engine looks at all of them.
   */
  draw(now: number, known: number): Uint32Array | never[] {
    const length = this.#wasm[call.DRAW](now, known);
    return length ? new Uint32Array(this.#answer(length).slice().buffer) : [];
  }

  /** When time alone could change the last decision, in milliseconds since 1970. */
  validUntil(): number {
    return this.#wasm[call.VALID_UNTIL]();
  }

  /** A variant of a flag: its key, a line's end, the type of its value, a line's end, and the value as JSON. */
  variant(flag: number, variant: number): string {
    return this.#text(this.#wasm[call.VARIANT](flag, variant));
  }

  /** The exposures that the last decision makes, as texts that exposure.ts reads. */
  exposures(): string[] {
    const made: string[] = [];
    for (;;) {
      this.#wasm[call.RESERVE](0);
      const length = this.#wasm[call.EXPOSURE](made.length);
      if (!length) return made;
      made.push(this.#text(length));
    }
  }

  /** Takes what is remembered of earlier page views: lines of a sticky id, a space, and a variant's key. */
  sticky(lines: string): void {
    this.#send(utf8(lines));
    this.#wasm[call.STICKY]();
  }

  /** The list files that decisions asked for and that are not there: number and digest, each once. */
  wanted(): [number, string][] {
    return this.#lines(this.#wasm[call.WANTED]()).map((line) => {
      const [file, digest = ''] = line.split(':');
      return [Number(file), digest];
    });
  }

  /** Takes a list file, or returns why not. */
  list(file: number, bytes: Uint8Array): Code | undefined {
    this.#send(bytes);
    return refusal(this.#wasm[call.LIST](file));
  }

  /** The first 32 bytes of the SHA-512 of bytes, in hexadecimal. */
  digest(bytes: Uint8Array): string {
    this.#send(bytes);
    return this.#text(this.#wasm[call.DIGEST]() - 1);
  }

  /** Gives the memory back, and the instance, for the next client. */
  free(): void {
    this.#wasm[call.CLEAR]();
    this.#idle.push(this.#wasm);
    this.drop();
  }

  /** Never calls the instance again: after a trap, its stack and its allocator are as the trap has left them. */
  drop(): void {
    this.#wasm = undefined as unknown as Exports;
  }

  /** The next context is the first. */
  #forget(): void {
    this.#room.sent = [];
    this.#sent = 0;
  }

  #send(bytes: Uint8Array): void {
    const address = this.#wasm[call.RESERVE](bytes.length);
    this.#bytes().set(bytes, address);
  }

  #text(length: number): string {
    return this.#decoder.decode(this.#answer(length));
  }

  /** What the last call left. */
  #answer(length: number): Uint8Array {
    const address = this.#wasm[call.ANSWER]();
    return this.#bytes().subarray(address, address + length);
  }

  /** What lines hold, each of which ends. */
  #lines(length: number): string[] {
    return this.#text(length).split('\n').slice(0, -1);
  }

  /** The memory. A view is detached when the memory grows. */
  #bytes(): Uint8Array {
    if (!this.#view.length) this.#view = new Uint8Array(this.#wasm.memory.buffer);
    return this.#view;
  }
}

function refusal(code: number): Code | undefined {
  return code ? codeOf(code) : undefined;
}
