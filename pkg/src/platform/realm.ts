/** What something is, whichever frame it comes from: `instanceof` knows the classes of its own frame alone. */

import { attempt } from './attempt.js';

/** The name of the class that the platform made it of; `Object` for all that pages make, and nothing where looking at it throws. */
export function kindOf(value: unknown): string | undefined {
  return attempt(() => Object.prototype.toString.call(value).slice(8, -1));
}

/** Whether something is an address, and not what lies there. */
export function isUrl(source: unknown): source is string | URL {
  return typeof source === 'string' || kindOf(source) === 'URL';
}

/** The bytes of a buffer, or of a view of one; `undefined` if it is neither. */
export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  return kindOf(value)?.endsWith('ArrayBuffer') ? attempt(() => new Uint8Array(value as ArrayBuffer)) : undefined;
}

/** The milliseconds since 1970 of a `Date`, `NaN` if it is invalid; `undefined` if it is none. Members that a page gave it are not asked. */
export function timeOf(value: unknown): number | undefined {
  return attempt(() => Date.prototype.getTime.call(value));
}
