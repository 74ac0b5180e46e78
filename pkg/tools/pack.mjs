// The engine's wasm as a text that compresses better than the wasm itself: 22.4 kB become 21 after brotli. Operations and each kind of operand
// are streams of their own, so that brotli meets like with like. unpack.wat puts them together again, in the page.
//
// The text is a character for each byte: the operations, the operands by kind, and the last stream. An operation of 0xe1 and above stands for 1
// byte and more of that, as they are; 0xe0 is the end. Where in the text, as UTF-8, each stream starts is in unpack.wat.

/** What is added to a byte for its character: of all shifts the one with which the engine is smallest after brotli. */
export const SHIFT = 33;

const RUN = 0xe0;

/** Operations whose operand has a stream, by stream: labels, functions, locals, globals, addresses, and constants of 32 and 64 bits. */
const STREAMS = [
  [0x0c, 0x0d],
  [0x10],
  [0x20, 0x21, 0x22],
  [0x23, 0x24],
  Array.from({ length: 0x17 }, (_, index) => 0x28 + index),
  [0x41],
  [0x42],
];
const ADDRESSES = 5;

const streamOf = (op) => 1 + STREAMS.findIndex((ops) => ops.includes(op));
/** Whether unpack.wat takes a byte for nothing but itself. */
const isPlain = (byte) => byte < RUN && !streamOf(byte);

/** Reads a wasm. */
class Reader {
  at = 0;

  constructor(bytes) {
    this.bytes = bytes;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** A number in LEB128. */
  number() {
    let number = 0;
    for (let bits = 0, byte = 128; byte > 127; bits += 7) {
      byte = this.byte();
      number += (byte & 127) * 2 ** bits;
    }
    return number;
  }

  numbers(count) {
    while (count-- > 0) this.number();
  }

  /** Reads over what belongs to an operation. */
  operands(op) {
    if (op === 0x0e) this.numbers(this.number() + 1);
    else if (op === 0x1c) this.numbers(this.number());
    else if (op === 0x43) this.at += 4;
    else if (op === 0x44) this.at += 8;
    else if (op === 0xfc) {
      const number = this.number();
      if (number > 7) this.numbers(number === 9 || number === 11 || number === 13 || number > 14 ? 1 : 2);
    } else if (op > 0xfc) throw new Error(`an operation ${op.toString(16)}: pack.mjs does not know what belongs to it`);
    else if (op === 0x11 || (op >= 0x28 && op < 0x3f)) this.numbers(2);
    else if (streamOf(op) || (op > 0x01 && op < 0x05) || (op > 0x24 && op < 0x27) || op === 0x3f || op === 0x40 || op > 0xcf)
      this.numbers(1);
  }
}

/** Where the bodies of functions lie, behind their locals: `[from, to]` of each. */
function bodiesOf(bytes) {
  const reader = new Reader(bytes);
  reader.at = 8;
  while (reader.at < bytes.length) {
    const section = reader.byte();
    const end = reader.number() + reader.at;
    if (section === 10) {
      return Array.from({ length: reader.number() }, () => {
        const to = reader.number() + reader.at;
        reader.numbers(2 * reader.number());
        const from = reader.at;
        reader.at = to;
        return [from, to];
      });
    }
    reader.at = end;
  }
  return [];
}

/** The code points of the text, and where each stream starts in its UTF-8. */
export function pack(bytes) {
  const streams = Array.from({ length: STREAMS.length + 2 }, () => []);
  const [operations] = streams;
  const runs = streams.at(-1);
  let run = [];
  const endRun = () => {
    for (let at = 0; at < run.length; at += 0xff - RUN) operations.push(RUN + Math.min(run.length - at, 0xff - RUN));
    runs.push(...run);
    run = [];
  };
  let end = 0;
  for (const [from, to] of bodiesOf(bytes)) {
    run.push(...bytes.subarray(end, from));
    const reader = new Reader(bytes);
    for (reader.at = from; reader.at < to; ) {
      const start = reader.at;
      const op = reader.byte();
      reader.operands(op);
      const whole = bytes.subarray(start, reader.at);
      const stream = streamOf(op);
      const operand = whole.subarray(stream === ADDRESSES ? 2 : 1);
      if (stream && (stream !== ADDRESSES || whole[1] === 0)) {
        endRun();
        operations.push(op);
        streams[stream].push(...operand);
      } else if (whole.every(isPlain)) {
        endRun();
        operations.push(...whole);
      } else {
        run.push(...whole);
      }
    }
    end = to;
  }
  run.push(...bytes.subarray(end));
  endRun();
  operations.push(RUN);
  const texts = streams.map((stream) => stream.map((byte) => (byte + SHIFT) & 255));
  let start = 0;
  const starts = texts.map((codes) => {
    const before = start;
    start += codes.reduce((length, code) => length + (code > 127 ? 2 : 1), 0);
    return before;
  });
  return { codes: texts.flat(), starts };
}
