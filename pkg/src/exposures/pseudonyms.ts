/** Units as they are sent: a keyed hash in the place of each, where a page has a key. docs/otlp.md says of which bytes. */

import { utf8 } from '../platform/bytes.js';
import type { Exposed } from './exposure.js';

/** What is hashed first: the version of the rule. */
const UNIT = 'waft-unit-1';
const EXPOSURE = 'waft-exposure-1';

/** The hexadecimal SHA-512 of bytes, or the start of it; `undefined` if it cannot be had. */
export type Digest = (bytes: Uint8Array) => string | undefined;

/** The pseudonyms of one page. Each is 32 hexadecimal digits. */
export class Pseudonyms {
  readonly #key: string;
  readonly #digest: Digest;

  constructor(key: string, digest: Digest) {
    this.#key = key;
    this.#digest = digest;
  }

  /** The pseudonym of a unit: the same wherever the key is. Throws if it cannot be had, as no unit may be sent in its place. */
  of(unit: string): string {
    return this.#hash(UNIT, this.#key, unit);
  }

  /** An exposure with the unit's pseudonym, and the id that `waft::exposure::id` gives it. Throws as above. */
  exposed(exposure: Exposed, project: string, environment: string): Exposed {
    const { experiment, phase, unitKind, variant } = exposure;
    const unit = this.of(exposure.unit);
    const id = this.#hash(EXPOSURE, project, environment, experiment, String(phase), unitKind, unit, variant, '');
    return { ...exposure, unit, id };
  }

  /** The first 16 bytes of the SHA-512 over the parts, each behind its length in bytes as 32 bits little endian. */
  #hash(...parts: string[]): string {
    const bytes = parts.map(utf8).flatMap((part) => [...new Uint8Array(Uint32Array.of(part.length).buffer), ...part]);
    return (this.#digest(Uint8Array.from(bytes)) as string).slice(0, 32);
  }
}
