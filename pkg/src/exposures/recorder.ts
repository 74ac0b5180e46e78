/** Records exposures and events: makes each once, and queues it. */

import type { Code } from '../codes.js';
import { copyContext } from '../engine/context.js';
import type { Decisions } from '../engine/decisions.js';
import { QUEUE_RECORDS } from '../limits.js';
import { attempt } from '../platform/attempt.js';
import { keyOf } from '../storage/local.js';
import { Sticky } from '../storage/sticky.js';
import type {
  ClientEvents,
  Consent,
  Context,
  ExposureOptions,
  Exposures,
  ExposureStatus,
  Snapshot,
  Status,
  TrackOptions,
} from '../types.js';
import { breakdownOf, type Told } from './breakdown.js';
import { readExposure, unitsOf } from './exposure.js';
import { isName, namedId, randomId } from './ids.js';
import { isConsent, wrongOption } from './options.js';
import { browserName, exposureRecord, type Origin, trackRecord } from './otlp.js';
import { readSaid } from './properties.js';
import { Pseudonyms } from './pseudonyms.js';
import { Queue, soon } from './queue.js';
import { isRobot } from './robots.js';
import { openShelf } from './shelves.js';

/** The exposures of the last ids are told apart; later ones may be sent twice, and are one row by their id. */
const EXPOSED = 10_000;

/** A client, as its recorder sees it. */
export interface Host {
  readonly project: string;
  readonly environment: string;
  /** Who meets what. */
  readonly decisions: Decisions;
  /** Who is told of what was recorded, and of what could not be. */
  readonly events: { emit<E extends keyof ClientEvents>(event: E, details: ClientEvents[E]): void };
}

/**
 * Records exposures and tracked events, and sends them to a collector. Each client that it is handed to has a queue of its own.
 *
 * @example
 * const client = await createClient({ snapshot: '/snapshot.waft', trust, context, exposures: recorder({ endpoint: '/v1/logs' }) });
 */
export function recorder(options: ExposureOptions): Exposures {
  const own = copyContext(options) as unknown as ExposureOptions;
  return { open: (host: Host) => new Recorder(own, host) };
}

/** Records what one client's page view exposes and tracks. No member throws. */
export class Recorder {
  /** What all records say, with the units of a context by the rules of a snapshot. */
  #said: Origin;
  #context: Context | undefined;
  #snapshot: Snapshot | undefined;
  /** What is wrong with the options. */
  readonly #wrong: string | undefined;
  /** Whether nothing is ever recorded: then, and by robots. */
  readonly #mute: boolean;
  /** They need the engine. */
  readonly pseudonyms: Pseudonyms | undefined;
  readonly #decisions: Decisions;
  readonly #events: Host['events'];
  #consent: Consent;
  #closed = false;
  readonly #exposed = new Set<string>();
  #sequence = 0;
  /** Events tracked while no rules were active, which would have said which attributes are units. */
  #unjoined: (() => void)[] = [];
  /** How many records were lost to {@link Recorder.error}. */
  #lost = 0;
  /** Why nothing is recorded, although the page wants it. */
  error: { readonly code: Code; readonly message: string } | undefined;
  /** What waits to be sent. */
  readonly queue: Queue;
  /** What units keep. */
  readonly sticky: Sticky;

  constructor(options: ExposureOptions, { project, environment, decisions, events }: Host) {
    const pageView = randomId();
    // Asked once: each look at it makes its text anew.
    const userAgent = attempt(() => navigator.userAgent) ?? '';
    this.#said = { project, environment, pageView, browser: browserName(userAgent), units: [] };
    this.#decisions = decisions;
    this.#events = events;
    const { endpoint, mode, robot, consent, unitKey } = options;
    this.#wrong = wrongOption(options);
    this.#mute = !!this.#wrong || (robot ?? isRobot(userAgent));
    this.pseudonyms = unitKey ? new Pseudonyms(unitKey, (bytes) => decisions.guarded((engine) => engine.digest(bytes))) : undefined;
    this.#consent = consentOf(consent);
    this.queue = new Queue(endpoint, project, pageView, this.#consent === 'pending', openShelf());
    this.sticky = new Sticky(keyOf('sticky', project, environment), this.#consent === 'granted');
    if (mode !== 'manual') decisions.onExposure = (flagKey, exposure) => this.expose(flagKey, exposure);
    this.#check(consent);
    this.#start();
  }

  /** Records an exposure, unless it was recorded before or is not to be. `snapshot` is the one that decided, and `told` by which it is told apart. */
  expose(flagKey: string, text: string, snapshot = this.#decisions.snapshot, told?: Told): void {
    const exposure = readExposure(text);
    if (this.#closed || this.#exposed.has(exposure.id) || (this.#silent && !this.error)) return;
    if (this.#exposed.size >= EXPOSED) this.#exposed.clear();
    this.#exposed.add(exposure.id);
    const recorded =
      !this.error &&
      attempt(() => {
        const decisions = this.#decisions;
        const origin = this.#origin();
        const { sticky, ...made } = this.pseudonyms?.exposed(exposure, origin.project, origin.environment) ?? exposure;
        const breakdown = breakdownOf(decisions, made.experiment, told);
        this.queue.record(exposureRecord(origin, this.#sequence++, flagKey, made, snapshot as Snapshot, breakdown));
        if (sticky) decisions.sticky = this.sticky.remember(sticky, made.variant);
        // After the queue's microtask: it is written then.
        soon(() => this.#events.emit('exposure', { flagKey, ...made }));
        return true;
      });
    // Nor without a pseudonym, where the engine stopped.
    if (!recorded) this.#lost++;
  }

  /** Records an event. One whose name is no text, or a long one, is none; of the others, what cannot be sent is left out. */
  track(name: string, options?: TrackOptions): void {
    if (this.error && !this.#closed) this.#lost++;
    if (this.#silent) return;
    const { context, snapshot } = this.#decisions;
    const said = readSaid(options);
    const hasName = isName(name);
    this.#tell(name, hasName ? said.leftOut : ['name', ...said.leftOut]);
    if (!hasName) return;
    const sequence = this.#sequence++;
    const id = said.dedupe ? namedId(name, said.dedupe) : randomId();
    const record = (time?: number): void => {
      attempt(() => {
        const [draft, left] = trackRecord(this.#origin(context), sequence, id, name, said);
        this.queue.record(() => draft, time);
        this.#tell(name, left);
      });
    };
    const time = Date.now();
    if (snapshot) record();
    else if (this.#unjoined.length < QUEUE_RECORDS) this.#unjoined.push(() => record(time));
    else this.queue.counts.overflow++;
  }

  /** Rules are active: what was tracked before is recorded, with the units of its moment. */
  adopted(): void {
    for (const record of this.#unjoined.splice(0)) record();
  }

  /** How many records wait, were sent, and were given up. */
  facts(): Pick<Status, 'queued' | 'sent' | 'dropped'> {
    const { waiting, sent, overflow, tooLong, refused, rejected } = this.status();
    return { queued: waiting, sent, dropped: overflow + tooLong + refused + rejected + this.#lost };
  }

  /** What became of all records. */
  status(): ExposureStatus {
    const { waiting, ...status } = this.queue.status();
    const { code } = this.error ?? {};
    const lost = this.#lost;
    return { waiting: waiting + this.#unjoined.length, ...status, ...(code && { code }), ...(lost && { lost }) };
  }

  /** Sends what waits. */
  flush(): Promise<void> {
    return this.queue.flush();
  }

  /** Sends once more what waits. Nothing is recorded from now on. */
  close(): void {
    this.#closed = true;
    this.queue.close();
  }

  /** Takes the visitor's answer. What waited for it is recorded with the time at which it happened, or forgotten. */
  set consent(consent: Consent | undefined) {
    const { error } = this;
    const decisions = this.#decisions;
    this.#consent = consentOf(consent);
    this.#check(consent);
    this.sticky.persists = this.#consent === 'granted';
    if (error || this.#consent === 'denied') this.#exposed.clear();
    if (this.#consent === 'denied') {
      this.queue.forget();
      this.#unjoined = [];
      this.sticky.forget();
    }
    this.queue.paused = this.#consent === 'pending';
    this.#start();
    decisions.sticky = this.sticky.lines;
    // What was read while it was denied is exposed when it is read again.
    const { context } = decisions;
    decisions.context = context;
    // Whoever shows flags reads them now.
    this.#events.emit('contextChanged', { context });
  }

  /** Whoever is not counted does not send either what earlier pages of the device recorded. */
  #start(): void {
    this.queue.start(this.#consent === 'granted' && !this.#mute);
  }

  get #silent(): boolean {
    return this.#closed || this.#mute || this.#consent === 'denied';
  }

  /** Tells what of an event cannot be sent. */
  #tell(name: unknown, leftOut: readonly string[]): void {
    if (!leftOut.length) return;
    this.queue.counts.leftOut += leftOut.length;
    const message = `INVALID_EVENT: ${typeof name === 'string' ? name.slice(0, 100) : ''}: left out ${[...new Set(leftOut)].join(', ').slice(0, 1_000)}`;
    soon(() => this.#events.emit('error', { code: 'INVALID_EVENT', message }));
  }

  /** Tells why nothing can be recorded, if so. */
  #check(consent: unknown): void {
    const wrong = this.#wrong ?? (isConsent(consent) ? undefined : 'consent');
    this.error = wrong ? { code: 'INVALID_EXPOSURES', message: `INVALID_EXPOSURES: wrong option: ${wrong}` } : undefined;
    if (this.error) this.#events.emit('error', this.error);
  }

  /** What records say of the page view. Units are looked up anew for another context, and for other rules. */
  #origin(context = this.#decisions.context): Origin {
    const { snapshot, rules } = this.#decisions;
    if (this.#context !== context || this.#snapshot !== snapshot) {
      const units = rules ? unitsOf(context, rules) : [];
      this.#said = { ...this.#said, units: units.map(([name, unit]) => [name, this.pseudonyms?.of(unit) ?? unit]) };
      [this.#context, this.#snapshot] = [context, snapshot];
    }
    return this.#said;
  }
}

/** An answer that nobody knows is no consent. */
function consentOf(consent: unknown): Consent {
  return isConsent(consent) ? (consent ?? 'granted') : 'denied';
}
