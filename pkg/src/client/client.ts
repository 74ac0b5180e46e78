/** The client: puts a page's options, the decisions, the queue and the events together. */

import type { Code } from '../codes.js';
import { copyContext } from '../engine/context.js';
import { Decisions, type OnExposure } from '../engine/decisions.js';
import { BOOLEAN, NUMBER, OBJECT, STRING } from '../engine/engine.js';
import { openEngine } from '../engine/module.js';
import { encodeTrust } from '../engine/trust.js';
import type { Moment, Recorder } from '../exposures/recorder.js';
import { SNAPSHOT_BYTES } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { fromBase64 } from '../platform/bytes.js';
import { inTime } from '../platform/deadline.js';
import { request } from '../platform/http.js';
import { bytesOf, isUrl } from '../platform/realm.js';
import { get, keyOf } from '../storage/local.js';
import { SeenStore } from '../storage/seen.js';
import type {
  Adoption,
  Client,
  ClientEvents,
  EngineSource,
  ExposureOptions,
  ExposureStatus,
  Options,
  Snapshot,
  SnapshotSource,
  TrackOptions,
  Trust,
} from '../types.js';
import { Events, errorOf } from './events.js';
import type { Lists } from './lists.js';
import { warmUp } from './warm-up.js';

/** The type that a default asks for; `peek(key, undefined)` takes any. */
const TYPES: Readonly<Record<string, number>> = { boolean: BOOLEAN, string: STRING, number: NUMBER, object: OBJECT };
/** The longest delay of a timer. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The most reads and events that are held while the recorder is loading. */
const EARLY = 1_000;

/** What records, once it has come to the page. */
let loaded: typeof import('../exposures/recorder.js') | undefined;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Makes a client. It always resolves to one: where no snapshot can be made active its getters return defaults, and
 * `status().code` says why. A snapshot that is refused or cannot be fetched is replaced by the last good one of
 * earlier page views, which is verified again.
 *
 * @example
 * const client = await createClient({
 *   snapshot: '/snapshot.waft',
 *   trust,
 *   context: { visitorId: 'v1', country: 'DE' },
 *   exposures: { endpoint: '/v1/logs' },
 * });
 * document.title = client.getStringValue('headline', 'Welcome');
 */
export async function createClient(options: Options): Promise<Client> {
  // Nothing that a page hands over is taken for granted: with no options at all, trust is INVALID_TRUST.
  const { snapshot, trust, context, engine, exposures, preview } = attempt(() => ({ ...options })) ?? ({} as Options);
  const trustBytes = encodeTrust(trust);
  const { project = '', environment = '', epoch = 0 } = attempt(() => ({ ...(trustBytes && trust) })) ?? ({} as Partial<Trust>);
  /** Nothing where nothing is to be recorded. */
  const recording = (trustBytes && exposures ? copyContext(exposures) : undefined) as Writable<ExposureOptions> | undefined;
  const stickyKey = keyOf('sticky', project, environment);
  const events = new Events();
  const store = new SeenStore(
    project,
    environment,
    attempt(() => String(epoch)),
  );
  store.makeRoom = () => !!recorder?.queue.makeRoom();
  const onExposure: OnExposure = (key, exposure) => record((recorder, moment) => recorder.expose(key, exposure, moment));
  const decisions = new Decisions(trustBytes);
  if (recording && recording.mode !== 'manual') decisions.onExposure = onExposure;
  decisions.onStop = (code) => events.tell(code);
  decisions.onWanted = () => void fetchLists();
  decisions.context = context;
  decisions.token = preview ? (attempt(() => fromBase64(preview)) ?? new Uint8Array()) : undefined;
  let recorder: Recorder | undefined;
  /** The recorder on its way, and why it does not come; what is to be recorded until it does, and how much more there was. */
  let opening: Promise<void> | undefined;
  let fault: Code | undefined;
  let early: ((recorder: Recorder) => void)[] = [];
  let missed = 0;
  let refusal: Code | undefined;
  /** Nothing until a condition asked for one. */
  let lists: Lists | undefined;
  let ready = false;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Where list files are: beside the last snapshot that came from a URL. */
  let base: URL | string | undefined = globalThis.document?.baseURI ?? globalThis.location?.href;

  /** Fetches the list files that decisions asked for, after the task in hand. Flags that then evaluate otherwise are a change. */
  async function fetchLists(): Promise<void> {
    const files = decisions.wanted();
    try {
      if (!files[0]) return;
      const { Lists } = await import('./lists.js');
      lists ??= new Lists(
        decisions,
        (before) => ready && emitChange(before),
        (error) => events.emit('error', error),
      );
      await lists.fetch(files, base);
    } catch {
      // The loader did not come: the conditions stay unknown until the next decision asks for the files again.
    }
  }

  /** Tells which flags evaluate otherwise than before. */
  function emitChange(before: Map<string, string>): void {
    const now = decisions.all();
    const keys = new Set([...before.keys(), ...now.keys()]);
    const flagsChanged = [...keys].filter((key) => before.get(key) !== now.get(key));
    events.emit('configurationChanged', { version: decisions.snapshot?.version ?? 0, flagsChanged });
  }

  /** Adopts bytes, and tells everybody concerned. */
  function adopt(bytes: Uint8Array): Code | undefined {
    const before = decisions.snapshot;
    const values = before && events.has('configurationChanged') && decisions.all();
    const code = decisions.adopt(bytes, store.highest());
    const after = decisions.snapshot;
    if (code || !after) return code ?? 'GENERAL';

    lists?.missing.clear();
    const refused = keep(after, bytes);
    if (refused) return refused;
    recorder?.adopted();
    const unshown = hiddenPreview();
    if (unshown) events.emit('error', unshown);
    watchExpiry(after);
    const { version } = after;
    if (!ready) {
      ready = true;
      events.emit('ready', { version });
    } else if (values && before?.digest !== after.digest) {
      emitChange(values);
    }
    return undefined;
  }

  /** Notes what was adopted, once all of it is what was signed: a large body is checked chunk by chunk, while others work. */
  function keep(adopted: Snapshot, bytes: Uint8Array): Code | undefined {
    const { code, isWhole } = decisions.advance();
    if (code) return code;
    // Not now: a lock and encoding take longer than everything else together.
    setTimeout(() => {
      if (!isWhole) {
        const code = decisions.snapshot?.digest === adopted.digest && keep(adopted, bytes);
        if (code) giveUp(code);
      } else if (adopted.version) {
        // Version 0 is sample.ts's. Another client may have adopted a newer one meanwhile.
        void store.raise(adopted).then(() => store.highest()?.digest === adopted.digest && store.keep(adopted, bytes));
      }
    });
    return undefined;
  }

  /** Rules turned out damaged after they were adopted: what was good before is active again, or comes from earlier page views. */
  function giveUp(code: Code): void {
    if (!decisions.snapshot) adopt(store.kept());
    const { snapshot } = decisions;
    if (!snapshot) return;
    watchExpiry(snapshot);
    events.tell(code);
    // What the damaged rules said is not known any more: every flag may have changed.
    emitChange(new Map());
  }

  function watchExpiry({ version, expires }: Snapshot): void {
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        if (decisions.stale) events.emit('stale', { version });
        else if (decisions.snapshot) watchExpiry(decisions.snapshot);
      },
      Math.min(expires - Date.now(), LONGEST_DELAY),
    );
    // In Node it would keep the process.
    (timer as { unref?(): void }).unref?.();
  }

  /** Loads a snapshot, and the engine where that was not done, and adopts it. If no snapshot is active, tries the last good one. */
  async function load(source: SnapshotSource): Promise<Adoption> {
    if (recording) openRecorder();
    let awaited = isUrl(source);
    if (awaited) base = attempt(() => new URL(source as string | URL, base)) ?? base;
    const [wasm, fetched] = await Promise.all([
      decisions.wasm ??
        openEngine(engine).then(
          (wasm) => {
            // There is time.
            if (awaited) void loadEngine(engine);
            return wasm;
          },
          () => undefined,
        ),
      fetchSnapshot(source).finally(() => (awaited = false)),
      // Browsers read storage when it is first asked, which takes longer than to verify: now, while there is nothing else to do.
      store.highest(),
    ]);
    if (closed) return { ok: false, code: 'GENERAL' };
    decisions.wasm = wasm;
    remember();
    refusal = decisions.obstacle ?? (fetched.bytes ? adopt(fetched.bytes) : fetched.code);
    if (!refusal) {
      // Lists that are to be there first.
      await inTime(fetchLists()).catch(() => {});
      // It may have trapped meanwhile.
      if (decisions.snapshot) return { ok: true, version: decisions.snapshot.version };
      return { ok: false, code: decisions.code ?? 'GENERAL' };
    }

    if (!decisions.snapshot) adopt(store.kept());
    if (!decisions.snapshot) decisions.code = refusal;
    events.tell(refusal);
    return { ok: false, code: refusal };
  }

  /** Loads the recorder, which nobody waits for: what was read before it is there is recorded then. If it does not come, `load` tries again. */
  function openRecorder(): void {
    opening ??= (async () => {
      loaded ??= await import('../exposures/recorder.js');
      const made = loaded.openRecorder(recording as ExposureOptions, project, environment, stickyKey, decisions, events);
      recorder = made instanceof Promise ? await made : made;
      fault = undefined;
      for (const work of early.splice(0)) work(recorder);
      recorder.lost += missed;
      if (closed) recorder.close();
    })();
    opening.catch(() => (opening = undefined));
    // It may come later than in time.
    inTime(opening).catch(() => {
      fault = 'RECORDER_FAILED';
      if (!closed) events.tell(fault);
    });
  }

  /** Tells which variants units keep. Where the visitor is asked, nothing is read before they consent. */
  function remember(): void {
    const { consent = 'granted' } = recording ?? {};
    if (recorder) decisions.sticky = recorder.sticky.lines;
    else if (consent === 'granted') decisions.sticky = get(stickyKey);
  }

  /** Records now, or once there is a recorder, what is so now. */
  function record(work: (recorder: Recorder, moment?: Moment) => void): void {
    if (recorder) return work(recorder);
    if (!recording || closed || recording.consent === 'denied') return;
    if (early.length >= EARLY) {
      missed++;
      return;
    }
    const { context, snapshot, rules } = decisions;
    const moment = { time: Date.now(), context, snapshot, rules };
    early.push((recorder) => work(recorder, moment));
  }

  /** What became of records while nothing records them. */
  const unrecorded = (): ExposureStatus => ({
    waiting: fault ? 0 : early.length,
    sent: 0,
    overflow: 0,
    tooLong: 0,
    refused: 0,
    rejected: 0,
    leftOut: 0,
    lastStatus: undefined,
    nextAttempt: undefined,
    storage: 'memory',
    ...(fault && { code: fault, lost: early.length + missed }),
  });

  const code = (): Code | undefined => decisions.code ?? refusal ?? fault ?? recorder?.fault;
  const hiddenPreview = (): ClientEvents['error'] | undefined => {
    const { code } = decisions.preview ?? {};
    return code && errorOf(code, 'preview ');
  };
  await load(snapshot);

  return {
    ...readsOf(decisions),
    setContext(replacement) {
      decisions.context = replacement;
      if (events.has('contextChanged')) events.emit('contextChanged', { context: decisions.context });
    },
    expose: (key) => decisions.exposures(key).forEach((exposure) => onExposure(key, exposure)),
    track: (name, options) => {
      const kept = recorder || typeof options !== 'object' ? options : (copyContext(options) as TrackOptions);
      record((recorder, moment) => recorder.track(name, kept, moment));
    },
    load,
    on(event, handler) {
      const problem = code();
      const { snapshot } = decisions;
      // A map, because an event may be any junk.
      const now = new Map<unknown, object | false | undefined>([
        ['ready', snapshot],
        ['stale', decisions.stale && snapshot],
        ['error', problem ? errorOf(problem) : (hiddenPreview() ?? lists?.error)],
      ]);
      return events.on(event, handler, now.get(event) || undefined);
    },
    async flush() {
      if (!recorder && opening) await inTime(opening).catch(() => {});
      await recorder?.queue.flush();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      decisions.close();
      decisions.code = 'GENERAL';
      recorder?.close();
      events.clear();
    },
    exposures: {
      status: () => recorder?.status() ?? (recording && unrecorded()),
      setConsent(consent) {
        if (!recording) return;
        recording.consent = consent;
        if (recorder) recorder.consent = consent;
        else if (consent === 'denied') early = [];
        remember();
        // What was read while it was denied is exposed when it is read again.
        // biome-ignore lint/correctness/noSelfAssign: the setter decides anew
        decisions.context = decisions.context;
      },
    },
    get snapshot() {
      return decisions.snapshot;
    },
    status() {
      const problem = code();
      const { code: unshown, until } = decisions.preview ?? {};
      const preview = unshown ?? until;
      const missing = lists?.missing.size;
      return {
        ...(problem && { code: problem }),
        ...(preview && { preview }),
        ...(!store.isKept && { versionKept: false }),
        ...(missing && { missingLists: missing }),
        ...(recorder?.counts() ?? { queued: fault ? 0 : early.length, sent: 0, dropped: missed + (fault ? early.length : 0) }),
      };
    },
  };
}

/** The members that read flags. */
function readsOf(decisions: Decisions): Pick<Client, Extract<keyof Client, `get${string}` | 'peek'>> {
  return {
    getBooleanValue: (key, fallback) => decisions.value(key, BOOLEAN, fallback),
    getStringValue: (key, fallback) => decisions.value(key, STRING, fallback),
    getNumberValue: (key, fallback) => decisions.value(key, NUMBER, fallback),
    getObjectValue: (key, fallback) => decisions.value(key, OBJECT, fallback),
    getBooleanDetails: (key, fallback) => decisions.details(key, BOOLEAN, fallback, true),
    getStringDetails: (key, fallback) => decisions.details(key, STRING, fallback, true),
    getNumberDetails: (key, fallback) => decisions.details(key, NUMBER, fallback, true),
    getObjectDetails: (key, fallback) => decisions.details(key, OBJECT, fallback, true),
    peek: (key, fallback) => decisions.details(key, (fallback !== null && TYPES[typeof fallback]) || 0, fallback, false),
  };
}

/** Whether a sample was decided on this page. */
let rehearsed = false;

/**
 * Loads the engine ahead of the first client, as where the rules are asked for later, and decides a sample with it, so that the browser has
 * compiled what decides: a first flag is then there four times as soon (docs/performance.md, cold page). A failure is the client's to tell,
 * which tries again.
 *
 * @example
 * void loadEngine();
 */
export async function loadEngine(source?: EngineSource): Promise<void> {
  try {
    const wasm = await openEngine(source);
    if (rehearsed) return;
    rehearsed = true;
    await warmUp(wasm, createClient);
  } catch {
    // Whoever asks for a decision hears of it.
  }
}

/** Bytes, or why there are none. */
interface Fetched {
  readonly bytes?: Uint8Array | undefined;
  readonly code?: Code;
}

async function fetchSnapshot(source: SnapshotSource): Promise<Fetched> {
  if (!isUrl(source)) return { bytes: bytesOf(source), code: 'MALFORMED' };
  try {
    const { status, bytes } = await request(source, { cache: 'no-cache' }, SNAPSHOT_BYTES);
    return status >= 200 && status < 300 ? { bytes } : { code: 'UNREACHABLE' };
  } catch (error) {
    return { code: error instanceof RangeError ? 'TOO_LARGE' : 'UNREACHABLE' };
  }
}
