// A secret that somebody types, without showing it.
import { isatty } from 'node:tty';
import { readWhole, writeWhole } from './descriptor.mjs';

const STDIN = 0;
const STDERR = 2;
const INTERRUPT = '\u0003';
const END = '\u0004';
const ERASE = new Set(['\b', '\u007f']);
const ERASE_LINE = '\u0015';

/** The same is asked once: a key may sign twice. */
const known = new Map();

/**
 * Asks for a line. Nobody is asked where stdin is no terminal: what is piped in is no answer. The terminal passes on each byte meanwhile, so that
 * Ctrl-C is one, too: it ends the program once the terminal is as it was.
 */
export function ask(question) {
  if (!isatty(STDIN)) return undefined;
  if (!known.has(question)) known.set(question, typed(question));
  return known.get(question);
}

function typed(question) {
  const { stdin } = process;
  stdin.setRawMode(true);
  try {
    // After it, as whoever sees the question may type at once.
    writeWhole(STDERR, Buffer.from(question));
    return lineOf(stdin);
  } finally {
    stdin.setRawMode(false);
    writeWhole(STDERR, Buffer.from('\n'));
  }
}

function lineOf(stdin) {
  const decoder = new TextDecoder();
  const line = [];
  for (;;) {
    const byte = readWhole(STDIN, 1);
    const text = byte.length ? decoder.decode(byte, { stream: true }) : END;
    for (const char of text) {
      if (char === '\r' || char === '\n' || char === END) return line.join('');
      if (char === INTERRUPT) {
        stdin.setRawMode(false);
        process.kill(process.pid, 'SIGINT');
      } else if (ERASE.has(char)) line.pop();
      else if (char === ERASE_LINE) line.length = 0;
      else line.push(char);
    }
  }
}
