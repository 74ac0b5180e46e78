/** Exposures and events as OTLP/HTTP JSON logs: the only file that knows OTLP. docs/otlp.md lists the attributes. */

import { attempt } from './attempt.js';
import { wellFormed } from './text.js';
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

/** A record before it is written: then it gets a time, unless it has one. */
export type Draft = Omit<Rec, 'time'> & Partial<Pick<Rec, 'time'>>;

/** What every record of a page view says. */
export interface Origin {
  readonly project: string;
  readonly environment: string;
  readonly pageView: string;
  readonly sequence: number;
  readonly units: readonly [string, string][];
}

const VALUE = 'waft.event.value';
/** Browsers as they call themselves, those first that call themselves by a later name as well. */
const BROWSERS = ['Edg', 'OPR', 'SamsungBrowser', 'Firefox', 'FxiOS', 'CriOS', 'Chrome', 'Safari'];

/** The record of an exposure. */
export function exposureRecord(origin: Origin, flagKey: string, exposure: Omit<Exposure, 'flagKey'>, snapshot: Snapshot): Draft {
  const browser = attempt(() => BROWSERS.find((name) => navigator.userAgent.includes(name)));
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
    ...(browser && { 'user_agent.name': browser }),
  });
}

/** The record of an event that a page tracks. A value that is no number, and properties that are no JSON, are left out. */
export function trackRecord(origin: Origin, id: string, name: string, options: TrackOptions): Draft {
  const { value, dedupe: _, ...properties } = options;
  const attributes: Record<string, string | number> = { 'waft.event.id': id, 'waft.event.name': name };
  if (Number.isFinite(value)) attributes[VALUE] = value as number;
  const text = attempt(() => JSON.stringify(properties, (_, item) => (typeof item === 'string' ? wellFormed(item) : item))) ?? '{}';
  if (text !== '{}') attributes['waft.event.properties'] = text;
  return record(origin, 'waft.track', attributes);
}

/** One log record, sent at a moment. */
export function encodeRecord({ event, time, attributes }: Rec, sentAt: number): string {
  return JSON.stringify({
    timeUnixNano: `${time}000000`,
    observedTimeUnixNano: `${sentAt}000000`,
    eventName: event,
    attributes: Object.entries(attributes).map(([key, value]) => ({
      key,
      value: {
        [typeof value === 'string' ? 'stringValue' : key === VALUE ? 'doubleValue' : 'intValue']:
          key === VALUE ? value : wellFormed(String(value)),
      },
    })),
  });
}

/** The body of a request with these encoded log records. */
export function encodeBatch(project: string, records: readonly string[]): string {
  const name = `{"key":"service.name","value":{"stringValue":${JSON.stringify(project)}}}`;
  const sdk = '{"key":"telemetry.sdk.name","value":{"stringValue":"waft"}}';
  const scope = '{"scope":{"name":"waft","version":"0.1.0"},"logRecords":';
  return `{"resourceLogs":[{"resource":{"attributes":[${name},${sdk}]},"scopeLogs":[${scope}[${records}]}]}]}`;
}

function record(origin: Origin, event: Rec['event'], own: Rec['attributes']): Draft {
  const attributes: Record<string, string | number> = {
    ...own,
    'feature_flag.set.id': `${origin.project}/${origin.environment}`,
    'waft.page_view.id': origin.pageView,
    'waft.sequence': origin.sequence,
  };
  for (const [name, unit] of origin.units) attributes[`waft.unit.${name}`] = unit;
  return { project: origin.project, event, attributes };
}
