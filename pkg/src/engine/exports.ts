/** What the engine's wasm exports, under a letter each: crates/engine says what each does, and has the same letters, which a test compares. */

export const CLEAR = 'a';
export const RESERVE = 'b';
export const ANSWER = 'c';
export const TRUST = 'd';
export const SEEN = 'e';
export const ADOPT = 'f';
export const ADVANCE = 'g';
export const DESCRIBE = 'h';
export const KEYS = 'i';
export const ROOM = 'j';
export const CONTEXT = 'k';
export const FIND = 'l';
export const EVALUATE = 'm';
export const VALID_UNTIL = 'n';
export const VARIANT = 'o';
export const EXPOSURE = 'p';
export const STICKY = 'q';
export const WANTED = 'r';
export const LIST = 's';
export const DIGEST = 't';
export const KILL = 'u';
export const DRAW = 'v';

export interface Exports {
  readonly memory: WebAssembly.Memory;
  [CLEAR](): void;
  [RESERVE](length: number): number;
  [ANSWER](): number;
  [TRUST](): number;
  [SEEN](version: number): void;
  [ADOPT](now: number, mode: number): number;
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
  [KILL](): void;
  [DRAW](now: number, known: number): number;
}
