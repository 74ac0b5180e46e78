/** Exposures and events as OTLP/HTTP JSON logs: the only file that knows OTLP. docs/otlp.md lists the attributes. */

import { wellFormed } from './context.js';
import type { ExposureText } from './engine.js';
import type { Exposure, Snapshot, TrackOptions } from './types.js';

/** A log record as it is stored, before it is OTLP. */
export interface Rec {
  readonly project: string;
  readonly event: 'feature_flag.evaluation' | 'waft.track';
  /** Milliseconds since 1970, by the device's clock. */
  readonly time: number;
  /** Numbers are integers, but for the value of an event. */
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** A record before it is written. */
export type Draft = Omit<Rec, 'time'>;

/** What every record of a page view says. */
export interface Origin {
  readonly project: string;
  /** Project and environment. */
  readonly set: string;
  readonly pageView: string;
  readonly sequence: number;
  readonly units: readonly [string, string][];
}

const VALUE = 'waft.event.value';

/** The record of an exposure. */
export function exposureRecord(origin: Origin, flagKey: string, exposure: ExposureText, snapshot: Snapshot): Draft {
  return record(origin, 'feature_flag.evaluation', {
    'feature_flag.key': flagKey,
    'feature_flag.result.variant': exposure.variant,
    'feature_flag.result.reason': 'split',
    'feature_flag.context.id': exposure.unit,
    'feature_flag.version': String(snapshot.version),
    'feature_flag.provider.name': 'waft',
    'waft.exposure.id': exposure.id,
    'waft.experiment': exposure.experiment,
    'waft.phase': exposure.phase,
    'waft.rule': exposure.rule,
    'waft.point': exposure.point,
    'waft.unit.kind': exposure.unitKind,
    'waft.snapshot.digest': snapshot.digest,
    'waft.snapshot.version': snapshot.version,
  });
}

/** The record of an event that a page tracks. A value that is no number, and properties that are no JSON, are left out. */
export function trackRecord(origin: Origin, id: string, name: string, options: TrackOptions): Draft {
  const { value, dedupe: _, ...properties } = options;
  const attributes: Record<string, string | number> = { 'waft.event.id': id, 'waft.event.name': wellFormed(name) };
  if (Number.isFinite(value)) attributes[VALUE] = value as number;
  try {
    const text = JSON.stringify(properties, (_key, part) => (typeof part === 'string' ? wellFormed(part) : part));
    if (text !== '{}') attributes['waft.event.properties'] = text;
  } catch {
    // A cycle, or a bigint.
  }
  return record(origin, 'waft.track', attributes);
}

/** The exposure that a record is, if it is one. */
export function exposureOf({ attributes }: Rec): Exposure | undefined {
  const text = (key: string): string => String(attributes[key]);
  return attributes['waft.exposure.id'] === undefined
    ? undefined
    : {
        id: text('waft.exposure.id'),
        flagKey: text('feature_flag.key'),
        experiment: text('waft.experiment'),
        phase: Number(attributes['waft.phase']),
        variant: text('feature_flag.result.variant'),
        unitKind: text('waft.unit.kind'),
        unit: text('feature_flag.context.id'),
      };
}

/** One log record, sent at a moment. */
export function encodeRecord({ event, time, attributes }: Rec, sentAt: number): string {
  return JSON.stringify({
    timeUnixNano: `${time}000000`,
    observedTimeUnixNano: `${sentAt}000000`,
    eventName: event,
    attributes: Object.entries(attributes).map(([key, value]) => ({
      key,
      value:
        typeof value === 'string'
          ? { stringValue: value }
          : key === VALUE
            ? { doubleValue: value }
            : { intValue: String(value) },
    })),
  });
}

/** The body of a request with these encoded log records. */
export function encodeBatch(project: string, records: readonly string[]): string {
  const resource = {
    attributes: [
      { key: 'service.name', value: { stringValue: project } },
      { key: 'telemetry.sdk.name', value: { stringValue: 'waft' } },
    ],
  };
  const scope = '{"scope":{"name":"waft","version":"0.1.0"},"logRecords":';
  return `{"resourceLogs":[{"resource":${JSON.stringify(resource)},"scopeLogs":[${scope}[${records}]}]}]}`;
}

function record(origin: Origin, event: Rec['event'], own: Rec['attributes']): Draft {
  const attributes: Record<string, string | number> = {
    ...own,
    'feature_flag.set.id': origin.set,
    'waft.page_view.id': origin.pageView,
    'waft.sequence': origin.sequence,
  };
  for (const [name, unit] of origin.units) attributes[`waft.unit.${name}`] = unit;
  return { project: origin.project, event, attributes };
}
