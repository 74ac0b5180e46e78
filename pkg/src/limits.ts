/** The limits that TypeScript shares with Rust. Each is a copy of the constant that is named, if one is: a test holds them the same. */

/** `waft::limits::TEXT_LENGTH`: longer strings count as present and of no type, as they would only grow the engine's memory. */
export const TEXT_LENGTH = 65_536;

/** `waft::limits::UNIT_BYTES`. */
export const UNIT_BYTES = 1_024;

/** `waft::limits::SNAPSHOT_BYTES`. */
export const SNAPSHOT_BYTES = 64 << 20;

/** `waft::limits::LIST_BYTES`. */
export const LIST_BYTES = 64 << 20;

/** `waft::limits::MAX_JUMP`. */
export const MAX_JUMP = 1_000_000;

/** `waft::limits::MAX_STALE_SECONDS`. */
export const MAX_STALE = 604_800;

/** `waft::limits::HEAD_BYTES`. */
export const HEAD_BYTES = 16_384;

/** `waft::limits::POINTER_SECONDS`. */
export const POINTER_SECONDS = 172_800;

/** `waft::limits::TRUST_KEYS`. */
export const TRUST_KEYS = 64;

/** `waft::limits::TRUST_REQUIREMENTS`. */
export const TRUST_REQUIREMENTS = 16;

/** `waft::limits::TRUST_DOCUMENT_BYTES`. */
export const TRUST_DOCUMENT_BYTES = 8 << 10;

/** `waft::limits::TRUST_DOCUMENTS`. */
export const TRUST_DOCUMENTS = 64;

/** `waft::limits::TRUST_BYTES`. */
export const TRUST_BYTES = 256 << 10;

/** The records that wait in one queue. */
export const QUEUE_RECORDS = 1_000;

/** The longest name of an event, what makes two of them one, and the longest key of pseudonyms, in UTF-16 units. */
export const NAME_LENGTH = 1_024;

/** The longest record as it is stored, in UTF-16 units: with its units and names an exposure has about 1,500. */
export const RECORD_LENGTH = 16_384;

/** The bytes of all requests' bodies that browsers let outlive a page: 64 KiB, less what a request has around its body. */
export const KEEPALIVE_BYTES = 60_000;

/** `PROPERTIES_BYTES` of `waft serve`: the longest JSON of all properties of an event. */
export const PROPERTIES_BYTES = 8_192;
