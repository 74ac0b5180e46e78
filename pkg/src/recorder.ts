/**
 * Records exposures and events: makes each once, and queues it. Loaded beside the snapshot, and only where a page records.
 */

import { attempt } from './attempt.js';
import type { ExposureText } from './engine.js';
import { Queue } from './queue.js';
import { namedId, randomId } from './ids.js';
import { exposureRecord, type Origin, trackRecord } from './otlp.js';
import { Sticky } from './sticky.js';
import type { Snapshot, TrackOptions } from './types.js';

/** The exposures of so many ids are told apart; later ones may be sent twice, and are one row by their id. */
const EXPOSED = 10_000;

/** Every unit that the context knows, by name. */
export type Units = readonly [string, string][];

/** Records what one client's page view exposes and tracks. No member throws. */
export class Recorder {
  readonly #project: string;
  readonly #environment: string;
  readonly #pageView = randomId();
  readonly #exposed = new Set<string>();
  #sequence = 0;
  /** What waits to be sent. */
  readonly queue: Queue;
  /** What units keep. */
  readonly sticky: Sticky;

  constructor(endpoint: string, project: string, environment: string) {
    this.#project = project;
    this.#environment = environment;
    this.queue = new Queue(endpoint, project, this.#pageView);
    this.sticky = new Sticky(`${project}/${environment}`);
  }

  /** Records an exposure; false if it was recorded before. */
  expose(flagKey: string, exposure: ExposureText, snapshot: Snapshot, units: Units): boolean {
    if (this.#exposed.has(exposure.id)) return false;
    if (this.#exposed.size >= EXPOSED) this.#exposed.clear();
    this.#exposed.add(exposure.id);
    this.queue.record(exposureRecord(this.#origin(units), flagKey, exposure, snapshot));
    return true;
  }

  /** Records an event. One whose name is no text, or whose properties cannot be read, is none. */
  track(name: string, options: TrackOptions, units: Units): void {
    attempt(() => {
      const { dedupe } = options;
      const id = dedupe ? namedId(name, dedupe) : randomId();
      if (name && typeof name === 'string') this.queue.record(trackRecord(this.#origin(units), id, name, options));
    });
  }

  #origin(units: Units): Origin {
    const [project, environment, pageView] = [this.#project, this.#environment, this.#pageView];
    return { project, environment, pageView, sequence: this.#sequence++, units };
  }
}
