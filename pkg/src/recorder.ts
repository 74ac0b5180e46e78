/**
 * Records exposures and events: makes each once, and queues it. Loaded beside the snapshot, and only where a page records.
 */

import { attempt } from './attempt.js';
import type { ExposureText } from './engine.js';
import { namedId, randomId } from './ids.js';
import { type Draft, exposureRecord, type Origin, trackRecord } from './otlp.js';
import { Queue } from './queue.js';
import { Sticky } from './sticky.js';
import type { Consent, ExposureOptions, Snapshot, TrackOptions } from './types.js';

/** The exposures of so many ids are told apart; later ones may be sent twice, and are one row by their id. */
const EXPOSED = 10_000;
/** Robots that say so. `cubot` is a make of telephones. */
const ROBOTS = /(?<!cu)bot\b|crawl|spider|slurp|archiver|facebookexternalhit|lighthouse|pagespeed|preview/i;

/** Every unit that the context knows, by name. */
export type Units = readonly [string, string][];

/** Records what one client's page view exposes and tracks. No member throws. */
export class Recorder {
  readonly #project: string;
  readonly #environment: string;
  readonly #pageView = randomId();
  readonly #robot: boolean;
  #consent: Consent;
  readonly #exposed = new Set<string>();
  #sequence = 0;
  /** What waits to be sent. */
  readonly queue: Queue;
  /** What units keep. */
  readonly sticky: Sticky;

  constructor({ endpoint, robot, consent }: ExposureOptions, project: string, environment: string) {
    this.#project = project;
    this.#environment = environment;
    this.#robot = robot ?? ROBOTS.test(attempt(() => navigator.userAgent) ?? '');
    this.#consent = known(consent);
    this.queue = new Queue(endpoint, project, this.#pageView, this.#consent === 'pending');
    this.sticky = new Sticky(`${project}/${environment}`, this.#consent === 'granted');
  }

  /** Records an exposure; false if it was recorded before, or is not to be. */
  expose(flagKey: string, exposure: ExposureText, snapshot: Snapshot, units: Units): boolean {
    if (this.#silent || this.#exposed.has(exposure.id)) return false;
    if (this.#exposed.size >= EXPOSED) this.#exposed.clear();
    this.#exposed.add(exposure.id);
    this.#record(exposureRecord(this.#origin(units), flagKey, exposure, snapshot));
    return true;
  }

  /** Records an event. One whose name is no text, or whose properties cannot be read, is none. */
  track(name: string, options: TrackOptions, units: Units): void {
    if (this.#silent) return;
    attempt(() => {
      const { dedupe } = options;
      const id = dedupe ? namedId(name, dedupe) : randomId();
      if (name && typeof name === 'string') this.#record(trackRecord(this.#origin(units), id, name, options));
    });
  }

  /** Takes the visitor's answer. What waited for it is recorded with the time at which it happened, or forgotten. */
  set consent(consent: Consent | undefined) {
    this.#consent = known(consent);
    this.sticky.persists = this.#consent === 'granted';
    if (this.#consent === 'denied') {
      this.queue.forget();
      this.#exposed.clear();
    }
    this.queue.paused = this.#consent === 'pending';
  }

  get #silent(): boolean {
    return this.#robot || this.#consent === 'denied';
  }

  /** What waits for consent keeps the time at which it happened. */
  #record(draft: Draft): void {
    this.queue.record(this.#consent === 'pending' ? { ...draft, time: Date.now() } : draft);
  }

  #origin(units: Units): Origin {
    const [project, environment, pageView] = [this.#project, this.#environment, this.#pageView];
    return { project, environment, pageView, sequence: this.#sequence++, units };
  }
}

/** An answer that nobody knows is no consent. */
function known(consent: Consent | undefined): Consent {
  return consent === undefined || consent === 'granted' ? 'granted' : consent === 'pending' ? consent : 'denied';
}
