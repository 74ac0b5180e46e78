/** The engine: the only file that calls its wasm. Strings and structures are made here, nothing is decided. */

import { type Code, codeOf } from '../codes.js';
import { TEXT_LENGTH } from '../limits.js';
import { fromHex, utf8 } from '../platform/bytes.js';
import { request } from '../platform/http.js';
import { bytesOf, isUrl } from '../platform/realm.js';
import type { Seen } from '../storage/seen.js';
import type { Context, EngineSource, Snapshot } from '../types.js';
import { encodeContext, type Room } from './context.js';
import { INTEGRITY } from './integrity.js';

/** The types of values, as the engine numbers them. */
export const BOOLEAN = 1;
export const STRING = 2;
export const NUMBER = 3;
export const OBJECT = 4;

/** Made once: that takes as long as to decode a short text. */
const DECODER = /* @__PURE__ */ new TextDecoder();
/** Whatever answers with more is no engine. */
const LARGEST = 1 << 22;
/** Chunks are left to check. */
const OPEN = -1;

/** What the engine's wasm exports: crates/engine says what each does. */
export interface Exports {
  readonly memory: WebAssembly.Memory;
  clear(): void;
  reserve(length: number): number;
  answer(): number;
  trust(): number;
  seen(version: number): void;
  adopt(now: number, preview: boolean): number;
  advance(): number;
  describe(): number;
  keys(): number;
  room(length: number): number;
  context(length: number, anew: boolean): void;
  find(): number;
  evaluate(flag: number, now: number): number;
  valid_until(): number;
  variant(flag: number, variant: number): number;
  exposure(number: number): number;
  sticky(): void;
  wanted(): number;
  list(file: number): number;
  digest(): number;
}

/** The engine's code, compiled once, and an instance of it that nobody uses: no client's yet, or one that a closed client has left. */
export interface Compiled {
  readonly module: WebAssembly.Module;
  idle: Exports | undefined;
}

/** What was loaded, by where it came from. */
const engines = new Map<unknown, Promise<Compiled>>();

/** Loads the engine's code, once for each source; without one, what is there is as good. A failure may be tried again. */
export function openEngine(source: EngineSource | undefined): Promise<Compiled> {
  const key = isUrl(source) ? String(source) : source === undefined ? engines.keys().next().value : source;
  let engine = engines.get(key);
  if (!engine) {
    // Whoever brings other bytes each time is not to fill the memory.
    if (engines.size > 9) engines.clear();
    engine = load(source).catch((error) => {
      engines.delete(key);
      throw error;
    });
    engines.set(key, engine);
  }
  return engine;
}

/** Bytes from a URL must match {@link INTEGRITY}. */
async function load(source: EngineSource = new URL('../engine/engine.wasm', import.meta.url)): Promise<Compiled> {
  if (isUrl(source)) {
    source = (await request(source, { integrity: INTEGRITY, redirect: 'follow' }, LARGEST)).bytes;
  }
  const bytes = bytesOf(source);
  const module = bytes ? await WebAssembly.compile(bytes) : (source as WebAssembly.Module);
  return { module, idle: instanceOf(module) };
}

function instanceOf(module: WebAssembly.Module): Exports {
  return new WebAssembly.Instance(module).exports as unknown as Exports;
}

/**
 * One client's engine, in an instance of its own: what a trap leaves behind is nobody else's. Any member may throw if the instance traps;
 * then whoever called drops the engine.
 */
export class Engine {
  readonly #compiled: Compiled;
  /** Nothing once it is dropped: then each member throws. */
  #wasm: Exports;
  #view: Uint8Array;
  readonly #room: Room = {
    bytes: new Uint8Array(),
    sent: [],
    grow: (length) => {
      const address = this.#wasm.room(length);
      this.#room.bytes = new Uint8Array(this.#wasm.memory.buffer, address, length);
    },
  };
  /** How many bytes of contexts were sent since all of one was. */
  #sent = 0;

  constructor(compiled: Compiled) {
    this.#compiled = compiled;
    const wasm = (this.#wasm = compiled.idle ?? instanceOf(compiled.module));
    compiled.idle = undefined;
    this.#view = new Uint8Array(wasm.memory.buffer);
  }

  /** Takes the bytes of a trust, and answers why it refuses them. */
  trust(bytes: Uint8Array): Code | undefined {
    this.#send(bytes);
    return refusal(this.#wasm.trust());
  }

  /** Tells the highest version adopted before. */
  seen({ version, digest }: Seen): void {
    this.#send(fromHex(digest));
    this.#wasm.seen(version);
  }

  /** Verifies a snapshot and puts it in force, or answers why not. The context is forgotten if it is in force. */
  adopt(bytes: Uint8Array, now: number): Code | undefined {
    this.#send(bytes);
    const refused = refusal(this.#wasm.adopt(now, false));
    if (!refused) this.#forget();
    return refused;
  }

  /** Verifies a preview token: until when it shows something (milliseconds since 1970), or why it shows nothing. */
  preview(bytes: Uint8Array, now: number): Code | number {
    this.#send(bytes);
    return refusal(this.#wasm.adopt(now, true)) ?? this.validUntil();
  }

  /** The snapshot in force, the names of its attributes by slot, and of each of its units the name and the slot. */
  describe(): [Snapshot, string[], string[]] {
    const [version, issued, expires, digest = '', count, ...names] = this.#lines(this.#wasm.describe()).slice(0, -1);
    const snapshot = {
      version: Number(version),
      issued: 1_000 * Number(issued),
      expires: 1_000 * Number(expires),
      digest,
    };
    const units = names.splice(0, 2 * Number(count));
    return [Object.freeze(snapshot), names, units];
  }

  /** The keys of all flags in the order of their indices. */
  keys(): string[] {
    return this.#lines(this.#wasm.keys()).slice(0, -1);
  }

  /** Takes a context: what is not as it was before crosses the border. */
  context(context: Context, attributes: readonly string[]): void {
    // What is replaced takes room in the engine until all is sent anew.
    const anew = this.#sent > TEXT_LENGTH;
    if (anew) this.#forget();
    const length = encodeContext(context, attributes, this.#room);
    this.#sent += length;
    this.#wasm.context(length, anew);
  }

  /** The index of a flag; -1 if there is none of this key. */
  find(key: string): number {
    this.#send(utf8(key));
    return this.#wasm.find();
  }

  /** Checks one more chunk of a large snapshot: true while there are more, or why it is refused after all. */
  advance(): Code | boolean {
    const code = this.#wasm.advance();
    return code === OPEN || (refusal(code) ?? false);
  }

  /** Decides a flag: `variant:8 | rule:8 | reason:4 | error:4 | exposed:1 | wanted:1 | timed:1`, lowest first. */
  evaluate(flag: number, now: number): number {
    return this.#wasm.evaluate(flag, now);
  }

  /** When time alone could change the last decision, in milliseconds since 1970. */
  validUntil(): number {
    return this.#wasm.valid_until();
  }

  /** A variant of a flag: its key, a line's end, the type of its value, a line's end, and the value as JSON. */
  variant(flag: number, variant: number): string {
    return this.#text(this.#wasm.variant(flag, variant));
  }

  /** The exposures that the last decision makes, as texts that exposure.ts reads. */
  exposures(): string[] {
    const made: string[] = [];
    for (;;) {
      this.#wasm.reserve(0);
      const length = this.#wasm.exposure(made.length);
      if (!length) return made;
      made.push(this.#text(length));
    }
  }

  /** Takes what is remembered of earlier page views: lines of a sticky id, a space, and a variant's key. */
  sticky(lines: string): void {
    this.#send(utf8(lines));
    this.#wasm.sticky();
  }

  /** The list files that decisions asked for and that are not there: number and digest, each once. */
  wanted(): [number, string][] {
    return this.#lines(this.#wasm.wanted())
      .slice(0, -1)
      .map((line) => {
        const [file, digest = ''] = line.split(':');
        return [Number(file), digest];
      });
  }

  /** Takes a list file, or answers why not. */
  list(file: number, bytes: Uint8Array): Code | undefined {
    this.#send(bytes);
    return refusal(this.#wasm.list(file));
  }

  /** The first 32 bytes of the SHA-512 of bytes, in hexadecimal. */
  digest(bytes: Uint8Array): string {
    this.#send(bytes);
    return this.#text(this.#wasm.digest() - 1);
  }

  /** Gives the memory back, and the instance, for the next client. */
  free(): void {
    this.#wasm.clear();
    this.#compiled.idle = this.#wasm;
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
    const address = this.#wasm.reserve(bytes.length);
    this.#bytes().set(bytes, address);
  }

  #text(length: number): string {
    const address = this.#wasm.answer();
    return DECODER.decode(this.#bytes().subarray(address, address + length));
  }

  #lines(length: number): string[] {
    return this.#text(length).split('\n');
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
