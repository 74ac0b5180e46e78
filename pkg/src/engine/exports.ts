/** What the engine's wasm exports, under numbers: crates/engine says what each does, and has the same numbers, which a test compares. */

export const CLEAR = 1;
export const RESERVE = 2;
export const ANSWER = 3;
export const TRUST = 4;
export const SEEN = 5;
export const ADOPT = 6;
export const ADVANCE = 7;
export const DESCRIBE = 8;
export const KEYS = 9;
export const ROOM = 10;
export const CONTEXT = 11;
export const FIND = 12;
export const EVALUATE = 13;
export const VALID_UNTIL = 14;
export const VARIANT = 15;
export const EXPOSURE = 16;
export const STICKY = 17;
export const WANTED = 18;
export const LIST = 19;
export const DIGEST = 20;

export interface Exports {
  readonly memory: WebAssembly.Memory;
  [CLEAR](): void;
  [RESERVE](length: number): number;
  [ANSWER](): number;
  [TRUST](): number;
  [SEEN](version: number): void;
  [ADOPT](now: number, preview: boolean): number;
  [ADVANCE](): number;
  [DESCRIBE](): number;
  [KEYS](): number;
  [ROOM](length: number): number;
  [CONTEXT](length: number, anew: boolean): void;
  [FIND](end: number): number;
  [EVALUATE](flag: number, now: number): number;
  [VALID_UNTIL](): number;
  [VARIANT](flag: number, variant: number): number;
  [EXPOSURE](number: number): number;
  [STICKY](): void;
  [WANTED](): number;
  [LIST](file: number): number;
  [DIGEST](): number;
}
