/** `waft serve` as the page that it serves asks it: on its own origin, and no other. */

/** Why the server did nothing: its sentence, which has the remedy, and its code. `body` is all that it said. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly body: unknown,
  ) {
    super(message);
  }
}

/** The server does not answer: nobody knows whether what was asked last was done. */
export class Away extends Error {
  constructor() {
    super('The server does not answer. Look whether `waft serve` is still running; what is shown is what it said last.');
  }
}

/** There is no such thing here: a static site, or a server without that option. */
export class Absent extends Error {}

/** It is as it was: what was asked for is the version that the question named (304). */
export class Unchanged extends Error {}

/** What a server with --release-token-file asks for. It is in memory alone: gone with the page. */
let token = '';
const watchers = new Set<() => void>();
export const sendToken = (text: string): void => {
  token = text.trim();
  for (const watcher of watchers) watcher();
};
/** Calls back whenever there is another token: what was refused may be asked again. */
export const onToken = (watcher: () => void): void => void watchers.add(watcher);

const allowed = (): Readonly<Record<string, string>> => (token ? { Authorization: `Bearer ${token}` } : {});

/** How long the server may take, in milliseconds: to tell, and to do what it counts, signs or writes for. */
const READS = 10_000;
const WRITES = 120_000;

interface Question {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the server may take, in milliseconds, where that is not as usual. */
  readonly patience?: number;
}

/** Asks, and returns the answer's JSON. */
export async function ask<T>(path: string, { method, body, headers, patience = body ? WRITES : READS }: Question = {}): Promise<T> {
  const sent = body && { body: JSON.stringify(body), method: method ?? 'POST' };
  const all = { ...(body && { 'Content-Type': 'application/json' }), ...allowed(), ...headers };
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, { cache: 'no-store', headers: all, ...sent, signal: AbortSignal.timeout(patience) });
    text = await response.text();
  } catch {
    throw new Away();
  }
  if (response.status === 304) throw new Unchanged();
  const json = jsonOf(text);
  if (json === undefined) {
    if (response.status >= 500) throw new Away();
    if (isRefusal(response)) throw new Refused(response.status, '', text.trim() || `The server refused (${response.status}).`, {});
    throw new Absent(`There is no ${path} on this server.`);
  }
  if (response.ok) return json as T;
  const { code = '', error = `The server refused (${response.status}).` } = json as { code?: string; error?: string };
  throw new Refused(response.status, code, error, json);
}

/** `waft serve` refuses in plain text as well. A static site answers with a page, also to what it does not have. */
const isRefusal = ({ status, headers }: Response): boolean =>
  status >= 400 && status !== 404 && status !== 405 && (headers.get('content-type') ?? '').startsWith('text/plain');

/** A static site answers with a page. */
function jsonOf(text: string): object | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Asks for a file. `undefined` if the server does not give it, or not in time. */
export async function askFile(path: string): Promise<Blob | undefined> {
  try {
    const response = await fetch(path, { headers: allowed(), signal: AbortSignal.timeout(WRITES) });
    return response.ok ? await response.blob() : undefined;
  } catch {
    return undefined;
  }
}
