/**
 * Records exposures and events: makes each once, and queues it. Loaded beside the snapshot, and only where a page records.
 */

import { attempt } from './attempt.js';
import type { Decisions } from './decisions.js';
import type { ExposureText } from './engine.js';
import type { Events } from './events.js';
import { namedId, randomId } from './ids.js';
import { MOST } from './machine.js';
import { browserName, type Draft, exposureRecord, type Origin, trackRecord } from './otlp.js';
import { readSaid } from './properties.js';
import { Pseudonyms } from './pseudonyms.js';
import { Queue, soon } from './queue.js';
import { isRobot } from './robots.js';
import type { Shelf } from './shelf.js';
import { Sticky } from './sticky.js';
import { keyOf } from './storage.js';
import type { Consent, Context, ExposureOptions, ExposureStatus, Snapshot, Status, TrackOptions } from './types.js';

export { openShelf } from './shelf.js';

/** The exposures of so many ids are told apart; later ones may be sent twice, and are one row by their id. */
const EXPOSED = 10_000;

/** Records what one client's page view exposes and tracks. No member throws. */
export class Recorder {
  /** What all records say, with the units of a context by the rules of a snapshot. */
  #known: Origin;
  #context: Context | undefined;
  #snapshot: Snapshot | undefined;
  /** Whether nothing is ever recorded: by robots, and where units are to be hashed without a key. */
  readonly #mute: boolean;
  readonly #pseudonyms: Pseudonyms | undefined;
  readonly #decisions: Decisions;
  readonly #events: Events;
  #consent: Consent;
  #closed = false;
  readonly #exposed = new Set<string>();
  #sequence = 0;
  /** Events tracked while no rules were active, which would have said which attributes are units; and how many were too many. */
  #unjoined: (() => void)[] = [];
  #overflow = 0;
  #leftOut = 0;
  /** What waits to be sent. */
  readonly queue: Queue;
  /** What units keep. */
  readonly sticky: Sticky;

  /** `decisions` says who meets what, `events` is told of what was recorded, `shelf` keeps it. */
  constructor(
    { endpoint, ...options }: ExposureOptions,
    project: string,
    environment: string,
    decisions: Decisions,
    events: Events,
    shelf: Shelf,
  ) {
    const pageView = randomId();
    this.#known = { project, environment, pageView, browser: browserName(), units: [] };
    this.#decisions = decisions;
    this.#events = events;
    const { robot, consent, unitKey } = options;
    // A key that is there and empty, as a variable that nobody has set, is no leave to send units as they are.
    const isKey = !!unitKey && typeof unitKey === 'string';
    this.#mute = (robot ?? isRobot(attempt(() => navigator.userAgent) ?? '')) || ('unitKey' in options && !isKey);
    this.#pseudonyms = isKey ? new Pseudonyms(unitKey, (bytes) => decisions.digest(bytes)) : undefined;
    this.#consent = known(consent);
    this.queue = new Queue(endpoint, project, pageView, this.#consent === 'pending', shelf);
    this.sticky = new Sticky(keyOf('sticky', project, environment), this.#consent === 'granted');
    this.#start();
  }

  /** Records what a read of a flag exposes. */
  exposeFlag(key: string): void {
    for (const exposure of this.#decisions.exposures(key)) this.expose(key, exposure);
  }

  /** Records an exposure, unless it was recorded before or is not to be. */
  expose(flagKey: string, exposure: ExposureText): void {
    if (this.#silent || this.#exposed.has(exposure.id)) return;
    if (this.#exposed.size >= EXPOSED) this.#exposed.clear();
    this.#exposed.add(exposure.id);
    attempt(() => {
      const origin = this.#origin();
      const { sticky, ...made } = this.#pseudonyms?.exposed(exposure, origin.project, origin.environment) ?? exposure;
      this.#record(exposureRecord(origin, this.#sequence++, flagKey, made, this.#decisions.snapshot as Snapshot));
      if (sticky) this.#decisions.sticky = this.sticky.remember(sticky, made.variant);
      // After the queue's microtask: it is written then.
      soon(() => this.#events.emit('exposure', { flagKey, ...made }));
    });
  }

  /** Records an event. One whose name is no text is none; of the others, what cannot be sent is left out. */
  track(name: string, options?: TrackOptions): void {
    if (this.#silent) return;
    const { context, snapshot } = this.#decisions;
    const said = readSaid(options);
    const isNamed = !!name && typeof name === 'string';
    this.#tell(name, isNamed ? said.leftOut : ['name', ...said.leftOut]);
    if (!isNamed) return;
    const sequence = this.#sequence++;
    const id = said.dedupe ? namedId(name, said.dedupe) : randomId();
    const record = (time?: number): void => {
      attempt(() => {
        const [draft, left] = trackRecord(this.#origin(context), sequence, id, name, said);
        this.#record(draft, time);
        this.#tell(name, left);
      });
    };
    const time = Date.now();
    if (snapshot) record();
    else if (this.#unjoined.length < MOST) this.#unjoined.push(() => record(time));
    else this.#overflow++;
  }

  /** Rules are active: what was tracked before is recorded, with the units of its moment. */
  adopted(): void {
    for (const record of this.#unjoined.splice(0)) record();
  }

  /** How many records wait, were sent, and were given up. */
  counts(): Pick<Status, 'queued' | 'sent' | 'dropped'> {
    const { waiting, sent, overflow, tooLong, refused, rejected } = this.status();
    return { queued: waiting, sent, dropped: overflow + tooLong + refused + rejected };
  }

  /** What became of all records. */
  status(): ExposureStatus {
    const { waiting, overflow, ...status } = this.queue.status();
    return { waiting: waiting + this.#unjoined.length, overflow: overflow + this.#overflow, ...status, leftOut: this.#leftOut };
  }

  /** Sends once more what waits. Nothing is recorded from now on. */
  close(): void {
    this.#closed = true;
    this.queue.close();
  }

  /** Takes the visitor's answer. What waited for it is recorded with the time at which it happened, or forgotten. */
  set consent(consent: Consent | undefined) {
    this.#consent = known(consent);
    this.sticky.persists = this.#consent === 'granted';
    if (this.#consent === 'denied') {
      this.queue.forget();
      this.#unjoined = [];
      this.sticky.forget();
      this.#exposed.clear();
    }
    this.queue.paused = this.#consent === 'pending';
    this.#start();
    // What was read while it was denied is exposed when it is read again.
    this.#decisions.context = this.#decisions.context;
  }

  /** Whoever is not counted does not send either what earlier pages of the device recorded. */
  #start(): void {
    if (this.#consent === 'granted' && !this.#mute) this.queue.start();
  }

  get #silent(): boolean {
    return this.#closed || this.#mute || this.#consent === 'denied';
  }

  /** Tells what of an event cannot be sent. */
  #tell(name: unknown, leftOut: readonly string[]): void {
    if (!leftOut.length) return;
    this.#leftOut += leftOut.length;
    const message = `INVALID_EVENT: ${typeof name === 'string' ? name.slice(0, 100) : ''}: left out ${[...new Set(leftOut)].join(', ').slice(0, 1_000)}`;
    soon(() => this.#events.emit('error', { code: 'INVALID_EVENT', message }));
  }

  /** What waits for consent keeps the time at which it happened. */
  #record(draft: Draft, time = this.#consent === 'pending' ? Date.now() : undefined): void {
    this.queue.record(draft, time);
  }

  /** What records say of the page view. Units are looked up anew for another context, and for other rules. */
  #origin(context = this.#decisions.context): Origin {
    const { snapshot } = this.#decisions;
    if (this.#context !== context || this.#snapshot !== snapshot) {
      const units = this.#decisions.units(context).map(([name, unit]): [string, string] => [name, this.#pseudonyms?.of(unit) ?? unit]);
      this.#known = { ...this.#known, units };
      [this.#context, this.#snapshot] = [context, snapshot];
    }
    return this.#known;
  }
}

/** An answer that nobody knows is no consent. */
function known(consent: Consent | undefined): Consent {
  return consent === undefined || consent === 'granted' ? 'granted' : consent === 'pending' ? consent : 'denied';
}
