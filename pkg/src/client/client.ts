/** The client: puts a page's options, decisions, loading, recording and events together. */

import { Decisions } from '../engine/decisions.js';
import { BOOLEAN, NUMBER, OBJECT, STRING } from '../engine/engine.js';
import { type Idle, type Reserved, reserve } from '../engine/module.js';
import { encodeTrust } from '../engine/trust.js';
import { attempt, membersOf } from '../platform/attempt.js';
import { inTime, rest, TIMEOUT } from '../platform/deadline.js';
import { keyOf } from '../storage/local.js';
import { SeenStore } from '../storage/seen.js';
import type { Client, Options, Trust } from '../types.js';
import { Events } from './events.js';
import { Loading } from './loading.js';

/** The type that a default asks for; `peek(key, undefined)` takes any. */
const TYPES: Readonly<Record<string, number>> = { boolean: BOOLEAN, string: STRING, number: NUMBER, object: OBJECT };

/** Loads the engine; `isAgain`, for one that takes notice, whether an earlier page view of this visitor had rules. */
type OpenEngine = (isAgain: () => unknown) => Promise<Reserved>;

/** A client in the making. */
interface Made {
  readonly options: Options;
  readonly client: Client;
  readonly decisions: Decisions;
  readonly loading: Loading;
  /** Opens what extends it, once. */
  readonly open: () => void;
}

/** Makes a client, for one of the entries. `openEngine` loads the engine's code, once however often it is called, and an instance of it. */
export async function clientWith(options: Options, openEngine: OpenEngine): Promise<Client> {
  const {
    options: { snapshot, timeout = TIMEOUT, start },
    client,
    loading,
  } = make(options, openEngine);
  await loading.start(snapshot, timeout, start !== 'last-good');
  // What the page reads now takes as long.
  await rest(loading.began);
  return client;
}

/** The same at once. Where `openNow` throws, `openEngine` follows. */
export function clientNow(options: Options, openEngine: OpenEngine, openNow: () => Reserved): Client {
  const {
    options: { snapshot },
    client,
    decisions,
    loading,
    open,
  } = make(options, openEngine);
  open();
  decisions.wasm = attempt(openNow);
  if (decisions.wasm) {
    loading.startNow(snapshot);
  } else {
    decisions.code = 'ENGINE_LATER';
    void loading.load(snapshot);
  }
  return client;
}

function make(given: Options, openEngine: OpenEngine): Made {
  const began = Date.now();
  // Nothing that a page hands over is taken for granted: with no options at all, trust is INVALID_TRUST.
  const options = membersOf(given) as Options;
  const { snapshot, trust, context, exposures, fallback, timeout, start, quiet, ...plugs } = options;
  const told: { cause?: unknown } = {};
  const trustBytes = encodeTrust(trust, told);
  const { project = '', environment = '', epoch = 0 } = membersOf<Trust>(trustBytes && trust);
  const events = new Events();
  const decisions = new Decisions(trustBytes);
  events.quiet = quiet;
  decisions.onStop = (code) => events.tell({ code });
  decisions.context = context;
  const scope = attempt(() => String(epoch));
  const store = new SeenStore(project, environment, scope);
  const openWasm = async (): Promise<void> => {
    // Until here it took a phone 40 ms in a first page view, and to unpack the engine takes it 15.
    await rest(began);
    const engine = openEngine(() => store.highest())
      .catch(async (cause) => {
        told.cause = cause;
        return reserve({ idle: (await fallback?.()) as Idle });
      })
      .catch(() => undefined);
    // While that is on its way; and before anything is decided.
    open();
    decisions.wasm = await engine;
  };
  const loading = new Loading(openWasm, decisions, store, events, keyOf('sticky', project, environment));
  loading.cause = told;
  const client = clientOf(decisions, loading, events);
  const host = { project, environment, options, client, decisions, events, loading, store };
  // What records comes first. Without trust, nobody knows for which project.
  const all = Object.entries({ exposures: trustBytes && exposures, ...plugs });
  const open = (): void => {
    for (const [option, plug] of all.splice(0)) {
      if (plug) loading.plug(option, () => plug.open(host as never));
    }
  };
  return { options, client, decisions, loading, open };
}

/** What a page has of a client: each member works without its `this`. */
function clientOf(decisions: Decisions, loading: Loading, events: Events): Client {
  const rest: Omit<Client, keyof Reads> = {
    setContext(replacement) {
      decisions.context = replacement;
      if (events.has('contextChanged')) events.emit('contextChanged', { context: decisions.context });
    },
    expose: (key) => decisions.exposures(key).forEach((exposure) => loading.recorder?.expose(key, exposure)),
    track: (name, options) => loading.recorder?.track(name, options),
    load: (source) => loading.load(source),
    ready(timeout = TIMEOUT) {
      let off: (() => void) | undefined;
      const ready = new Promise<unknown>((resolve) => (off = events.on('ready', resolve, decisions.snapshot)));
      return inTime(ready, timeout)
        .then(Boolean, () => false)
        .finally(off);
    },
    all: () => Object.fromEntries(Array.from(decisions.keys(), (key) => [key, decisions.details<unknown>(key, 0, undefined, false)])),
    on(event, handler) {
      const { snapshot } = decisions;
      return events.on(
        event,
        handler,
        event === 'error' ? loading.error : event === 'ready' || (event === 'stale' && decisions.stale()) ? snapshot : undefined,
      );
    },
    flush: async () => loading.recorder?.flush(),
    close() {
      loading.close();
      decisions.close();
      decisions.code = 'GENERAL';
      events.clear();
    },
    exposures: {
      status: () => loading.recorder?.status(),
      setConsent(consent) {
        if (loading.recorder) loading.recorder.consent = consent;
      },
    },
    status: () => loading.status(),
  };
  // Not spread: browsers build a literal that spreads member by member.
  return Object.assign(readsOf(decisions), rest);
}

type Reads = Pick<Client, Extract<keyof Client, `get${string}` | 'peek' | 'snapshot'>>;

/** The members that read flags. */
function readsOf(decisions: Decisions): Reads {
  return {
    get snapshot() {
      return decisions.snapshot;
    },
    getBooleanValue: (key, fallback) => decisions.value(key, BOOLEAN, fallback),
    getStringValue: (key, fallback) => decisions.value(key, STRING, fallback),
    getNumberValue: (key, fallback) => decisions.value(key, NUMBER, fallback),
    getObjectValue: (key, fallback) => decisions.value(key, OBJECT, fallback as never),
    getBooleanDetails: (key, fallback) => decisions.details(key, BOOLEAN, fallback, true),
    getStringDetails: (key, fallback) => decisions.details(key, STRING, fallback, true),
    getNumberDetails: (key, fallback) => decisions.details(key, NUMBER, fallback, true),
    getObjectDetails: (key, fallback) => decisions.details(key, OBJECT, fallback as never, true),
    peek: <T>(key: string, fallback?: T) =>
      decisions.details(key, (fallback !== null && TYPES[typeof fallback]) || 0, fallback as T, false),
  };
}
