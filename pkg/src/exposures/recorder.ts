/**
 * Records exposures and events: makes each once, and queues it. Loaded beside the snapshot, and only where a page records.
 */

import { type Code, textOf } from '../codes.js';
import type { Decisions } from '../engine/decisions.js';
import type { Rules } from '../engine/engine.js';
import { QUEUE_RECORDS } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { isUrl } from '../platform/realm.js';
import { Sticky } from '../storage/sticky.js';
import type { ClientEvents, Consent, Context, ExposureOptions, ExposureStatus, Snapshot, Status, TrackOptions } from '../types.js';
import { readExposure, unitsOf } from './exposure.js';
import { namedId, randomId } from './ids.js';
import { openModule } from './machine.js';
import { browserName, type Draft, exposureRecord, type Origin, trackRecord } from './otlp.js';
import { readSaid } from './properties.js';
import { Pseudonyms } from './pseudonyms.js';
import { Queue, soon } from './queue.js';
import { isRobot } from './robots.js';
import { openShelf, type Shelf } from './shelf.js';

/** The exposures of the last ids are told apart; later ones may be sent twice, and are one row by their id. */
const EXPOSED = 10_000;

/** When something was read or tracked that is recorded later: by whom, and by which rules. */
export interface Moment {
  readonly time: number;
  readonly context: Context;
  /** The snapshot that was active, and its rules; nothing if there was none. */
  readonly snapshot: Snapshot | undefined;
  readonly rules: Rules | undefined;
}

/** Who is told of what was recorded, and of what could not be. */
export interface Listeners {
  emit<E extends keyof ClientEvents>(event: E, details: ClientEvents[E]): void;
}

/** Makes a recorder: at once where all that it takes is there. Throws or rejects if WebAssembly is not allowed, or the queue's module is none. */
export function openRecorder(
  options: ExposureOptions,
  project: string,
  environment: string,
  stickyKey: string,
  decisions: Decisions,
  events: Listeners,
): Recorder | Promise<Recorder> {
  const make = (shelf: Shelf, module: WebAssembly.Module): Recorder =>
    new Recorder(options, project, environment, stickyKey, decisions, events, shelf, module);
  const [shelf, module] = [openShelf(), openModule(options.queue)];
  if (!(shelf instanceof Promise || module instanceof Promise)) return make(shelf, module);
  return Promise.all([shelf, module]).then(([shelf, module]) => make(shelf, module));
}

/** The options that there are. */
const NAMES: Readonly<Record<keyof ExposureOptions, true>> = {
  endpoint: true,
  consent: true,
  mode: true,
  robot: true,
  unitKey: true,
  queue: true,
};

/** Records what one client's page view exposes and tracks. No member throws. */
export class Recorder {
  /** What all records say, with the units of a context by the rules of a snapshot. */
  #said: Origin;
  #context: Context | undefined;
  #snapshot: Snapshot | undefined;
  /** An option that is none that can be followed. */
  readonly #wrong: string | undefined;
  /** Whether the queue has. */
  #stopped = false;
  /** Whether nothing is ever recorded: then, and by robots. */
  readonly #mute: boolean;
  readonly #pseudonyms: Pseudonyms | undefined;
  readonly #decisions: Decisions;
  readonly #events: Listeners;
  #consent: Consent;
  #closed = false;
  readonly #exposed = new Set<string>();
  #sequence = 0;
  /** Events tracked while no rules were active, which would have said which attributes are units; and how many were too many. */
  #unjoined: (() => void)[] = [];
  #overflow = 0;
  #leftOut = 0;
  /** Why nothing is recorded, although the page wants it; and how many records were lost to that. */
  fault: Code | undefined;
  lost = 0;
  /** What waits to be sent. */
  readonly queue: Queue;
  /** What units keep. */
  readonly sticky: Sticky;

  /** `decisions` says who meets what, `events` is told of what was recorded, `shelf` keeps it. */
  constructor(
    options: ExposureOptions,
    project: string,
    environment: string,
    stickyKey: string,
    decisions: Decisions,
    events: Listeners,
    shelf: Shelf,
    module: WebAssembly.Module,
  ) {
    const pageView = randomId();
    this.#said = { project, environment, pageView, browser: browserName(), units: [] };
    this.#decisions = decisions;
    this.#events = events;
    const { endpoint, mode, robot, consent, unitKey } = options;
    // A key that is there and empty, as a variable that nobody has set, is no leave to send units as they are.
    const isKey = !!unitKey && typeof unitKey === 'string';
    const wrong = {
      endpoint: !canSend(endpoint),
      unitKey: 'unitKey' in options && !isKey,
      mode: !isOneOf(mode, 'reads', 'manual', undefined, null),
      robot: !isOneOf(robot, true, false, undefined, null),
    };
    // A misspelt `consent` would record whom nobody has asked.
    const unknown = Object.entries(options).find(([name, value]) => !Object.hasOwn(NAMES, name) && value !== undefined)?.[0];
    this.#wrong = Object.entries(wrong).find(([, isWrong]) => isWrong)?.[0] ?? (unknown && `unknown option ${unknown}`);
    this.#mute = !!this.#wrong || (robot ?? isRobot(attempt(() => navigator.userAgent) ?? ''));
    this.#pseudonyms = isKey ? new Pseudonyms(unitKey, (bytes) => decisions.digest(bytes)) : undefined;
    this.#consent = this.#known(consent);
    this.queue = new Queue(endpoint, project, pageView, this.#consent === 'pending', shelf, module);
    this.queue.onStop = () => {
      this.#stopped = true;
      this.#fail('RECORDER_FAILED');
    };
    this.sticky = new Sticky(stickyKey, this.#consent === 'granted');
    this.#start();
  }

  /** Records an exposure, unless it was recorded before or is not to be; with the moment of its read if that is over. */
  expose(flagKey: string, text: string, moment?: Moment): void {
    const exposure = readExposure(text);
    if (this.#closed || this.#exposed.has(exposure.id) || (this.#silent && !this.fault)) return;
    if (this.#exposed.size >= EXPOSED) this.#exposed.clear();
    this.#exposed.add(exposure.id);
    const recorded =
      !this.fault &&
      attempt(() => {
        const origin = this.#origin(moment?.context, moment);
        const { snapshot } = moment ?? this.#decisions;
        const { sticky, ...made } = this.#pseudonyms?.exposed(exposure, origin.project, origin.environment) ?? exposure;
        this.#record(exposureRecord(origin, this.#sequence++, flagKey, made, snapshot as Snapshot), moment?.time);
        if (sticky) this.#decisions.sticky = this.sticky.remember(sticky, made.variant);
        // After the queue's microtask: it is written then.
        soon(() => this.#events.emit('exposure', { flagKey, ...made }));
        return true;
      });
    // Nor without a pseudonym, where the engine stopped.
    if (!recorded) this.lost++;
  }

  /** Records an event. One whose name is no text is none; of the others, what cannot be sent is left out. */
  track(name: string, options?: TrackOptions, moment?: Moment): void {
    if (this.fault && !this.#closed) this.lost++;
    if (this.#silent) return;
    const { context } = moment ?? this.#decisions;
    const said = readSaid(options);
    const isNamed = !!name && typeof name === 'string';
    this.#tell(name, isNamed ? said.leftOut : ['name', ...said.leftOut]);
    if (!isNamed) return;
    const sequence = this.#sequence++;
    const id = said.dedupe ? namedId(name, said.dedupe) : randomId();
    const record = (time?: number): void => {
      attempt(() => {
        const [draft, left] = trackRecord(this.#origin(context, moment), sequence, id, name, said);
        this.#record(draft, time);
        this.#tell(name, left);
      });
    };
    const time = moment?.time ?? Date.now();
    if (moment?.snapshot || this.#decisions.snapshot) record(moment?.time);
    else if (this.#unjoined.length < QUEUE_RECORDS) this.#unjoined.push(() => record(time));
    else this.#overflow++;
  }

  /** Rules are active: what was tracked before is recorded, with the units of its moment. */
  adopted(): void {
    for (const record of this.#unjoined.splice(0)) record();
  }

  /** How many records wait, were sent, and were given up. */
  counts(): Pick<Status, 'queued' | 'sent' | 'dropped'> {
    const { waiting, sent, overflow, tooLong, refused, rejected } = this.status();
    return { queued: waiting, sent, dropped: overflow + tooLong + refused + rejected + this.lost };
  }

  /** What became of all records. */
  status(): ExposureStatus {
    const { waiting, overflow, ...status } = this.queue.status();
    const { fault, lost } = this;
    return {
      waiting: waiting + this.#unjoined.length,
      overflow: overflow + this.#overflow,
      ...status,
      leftOut: this.#leftOut,
      ...(fault && { code: fault }),
      ...(lost && { lost }),
    };
  }

  /** Sends once more what waits. Nothing is recorded from now on. */
  close(): void {
    this.#closed = true;
    this.queue.close();
  }

  /** Takes the visitor's answer. What waited for it is recorded with the time at which it happened, or forgotten. */
  set consent(consent: Consent | undefined) {
    const { fault } = this;
    this.#consent = this.#known(consent);
    this.sticky.persists = this.#consent === 'granted';
    if (fault || this.#consent === 'denied') this.#exposed.clear();
    if (this.#consent === 'denied') {
      this.queue.forget();
      this.#unjoined = [];
      this.sticky.forget();
    }
    this.queue.paused = this.#consent === 'pending';
    this.#start();
  }

  /** Whoever is not counted does not send either what earlier pages of the device recorded. */
  #start(): void {
    if (this.#consent === 'granted' && !this.#mute) this.queue.start();
  }

  get #silent(): boolean {
    return this.#closed || this.#mute || this.#stopped || this.#consent === 'denied';
  }

  /** Tells what of an event cannot be sent. */
  #tell(name: unknown, leftOut: readonly string[]): void {
    if (!leftOut.length) return;
    this.#leftOut += leftOut.length;
    const message = `INVALID_EVENT: ${typeof name === 'string' ? name.slice(0, 100) : ''}: left out ${[...new Set(leftOut)].join(', ').slice(0, 1_000)}`;
    soon(() => this.#events.emit('error', { code: 'INVALID_EVENT', message }));
  }

  /** An answer that nobody knows is no consent, and told. */
  #known(consent: Consent | undefined): Consent {
    const isKnown = isOneOf(consent, 'granted', 'pending', 'denied', undefined);
    this.fault = this.#stopped ? 'RECORDER_FAILED' : undefined;
    if (this.#wrong || !isKnown) this.#fail('INVALID_EXPOSURES', `: ${this.#wrong ?? 'consent'}`);
    return isKnown ? (consent ?? 'granted') : 'denied';
  }

  #fail(code: Code, what = ''): void {
    this.fault = code;
    this.#events.emit('error', { code, message: textOf(code) + what });
  }

  /** What waits for consent keeps the time at which it happened. */
  #record(draft: Draft, time = this.#consent === 'pending' ? Date.now() : undefined): void {
    this.queue.record(draft, time);
  }

  /** What records say of the page view. Units are looked up anew for another context, and for other rules. */
  #origin(context = this.#decisions.context, moment?: Moment): Origin {
    const { snapshot } = this.#decisions;
    const then = moment?.snapshot && moment;
    if (then || this.#context !== context || this.#snapshot !== snapshot) {
      const { rules } = then || this.#decisions;
      const units = rules ? unitsOf(context, rules) : [];
      this.#said = { ...this.#said, units: units.map(([name, unit]) => [name, this.#pseudonyms?.of(unit) ?? unit]) };
      [this.#context, this.#snapshot] = [then ? undefined : context, snapshot];
    }
    return this.#said;
  }
}

function isOneOf(option: unknown, ...known: unknown[]): boolean {
  return known.includes(option);
}

/** Whether requests can go there: a URL, or a path where a page has one, that `fetch` takes. */
function canSend(endpoint: unknown): boolean {
  return !!attempt(() => {
    if (!endpoint || !isUrl(endpoint)) return false;
    const { protocol, username, password } = new URL(endpoint, globalThis.document?.baseURI ?? globalThis.location?.href);
    return /^https?:$/.test(protocol) && !username && !password;
  });
}
