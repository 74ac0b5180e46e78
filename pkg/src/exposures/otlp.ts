/** Exposures and events as OTLP/HTTP JSON logs: the only file that knows OTLP. docs/otlp.md lists the attributes. */

import { RECORD_LENGTH } from '../limits.js';
import type { Exposure, Snapshot } from '../types.js';
import { fit, type Said, sound } from './properties.js';

/** A log record as it is stored, before it is OTLP. */
export interface Rec {
  readonly project: string;
  readonly event: 'feature_flag.evaluation' | 'waft.track';
  /** Milliseconds since 1970, by the device's clock. */
  readonly time: number;
  /** Numbers are integers, but for the value of an event. */
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** The JSON of a record behind its time, which it gets when it is written. */
export type Draft = string;

/** What every record of a page view says. */
export interface Origin {
  readonly project: string;
  readonly environment: string;
  readonly pageView: string;
  readonly browser: string | undefined;
  readonly units: Named;
}

/** Texts by name. */
type Named = readonly [string, string][];

const VALUE = 'waft.event.value';
/** Browsers as they call themselves, those first that call themselves by a later name as well. */
const BROWSERS = ['Edg', 'OPR', 'SamsungBrowser', 'Firefox', 'FxiOS', 'CriOS', 'Chrome', 'Safari'];

/** The browser's name by its `navigator.userAgent`, if it has one of {@link BROWSERS}. */
export function browserName(userAgent: string): string | undefined {
  return BROWSERS.find((name) => userAgent.includes(name));
}

/**
 * What writes the record of an exposure: behind the flag, for which nobody waits. By hand, as `JSON.stringify` takes several times as long for as
 * many attributes.
 */
export function exposureRecord(
  origin: Origin,
  sequence: number,
  flagKey: string,
  exposure: Omit<Exposure, 'flagKey'>,
  snapshot: Snapshot,
  breakdown: Named,
): () => Draft {
  const { variant, unit, id, experiment, phase, rule, point, unitKind } = exposure;
  const { version, digest } = snapshot;
  // Texts that others wrote, as JSON; ids, digests and numbers are that already.
  return () =>
    record(
      origin,
      sequence,
      'feature_flag.evaluation',
      `"feature_flag.key":${json(flagKey)},` +
        `"feature_flag.result.variant":${json(variant)},` +
        '"feature_flag.result.reason":"split",' +
        `"feature_flag.context.id":${json(unit)},` +
        `"feature_flag.version":"${version}",` +
        '"feature_flag.provider.name":"waft",' +
        `"waft.exposure.id":"${id}",` +
        `"waft.experiment":${json(experiment)},` +
        `"waft.phase":${phase},` +
        `"waft.rule":${json(rule)},` +
        `"waft.point":${point},` +
        `"waft.unit.kind":${json(unitKind)},` +
        `"waft.snapshot.digest":"${digest}",` +
        `"waft.snapshot.version":${version}` +
        (origin.browser ? `,"user_agent.name":"${origin.browser}"` : '') +
        each('breakdown', breakdown),
    );
}

/** The record of an event that a page tracks, and the names of the properties for which there is no room in it. */
export function trackRecord(
  origin: Origin,
  sequence: number,
  id: string,
  name: string,
  { value, properties }: Pick<Said, 'value' | 'properties'>,
): [draft: Draft, left: string[]] {
  const attributes = JSON.stringify({ 'waft.event.id': id, 'waft.event.name': name, [VALUE]: value }).slice(1, -1);
  const draft = (more = ''): Draft => record(origin, sequence, 'waft.track', attributes + more);
  const key = ',"waft.event.properties":';
  const room = RECORD_LENGTH - timed(draft(key + json('{}')), Number.MAX_SAFE_INTEGER).length;
  const [text, left] = fit(properties, room);
  return [draft(text === '{}' ? '' : key + json(text)), left];
}

/** The JSON of a record. */
export function timed(draft: Draft, time: number): string {
  return `{"time":${time},${draft}`;
}

/** One log record, sent at a moment, from its JSON. */
export function encodeRecord(text: string, sentAt: number): string {
  const { event, time, attributes } = JSON.parse(text) as Rec;
  return sound(
    JSON.stringify({
      timeUnixNano: `${time}000000`,
      observedTimeUnixNano: `${sentAt}000000`,
      eventName: event,
      attributes: Object.entries(attributes).map(([key, value]) => ({
        key,
        value: typeof value === 'string' ? { stringValue: value } : key === VALUE ? { doubleValue: value } : { intValue: String(value) },
      })),
    }),
  );
}

/** The body of a request with these encoded log records. */
export function encodeBatch(project: string, records: readonly string[]): string {
  const name = `{"key":"service.name","value":{"stringValue":${json(project)}}}`;
  const sdk = '{"key":"telemetry.sdk.name","value":{"stringValue":"waft"}}';
  const scope = '{"scope":{"name":"waft","version":"0.1.0"},"logRecords":';
  return `{"resourceLogs":[{"resource":{"attributes":[${name},${sdk}]},"scopeLogs":[${scope}[${records}]}]}]}`;
}

function record({ project, environment, pageView, units }: Origin, sequence: number, event: Rec['event'], own: string): Draft {
  const page = `"feature_flag.set.id":${json(`${project}/${environment}`)},"waft.page_view.id":"${pageView}"`;
  return `"project":${json(project)},"event":"${event}","attributes":{${own},${page},"waft.sequence":${sequence}${each('unit', units)}}}`;
}

/** An attribute for each. */
function each(kind: string, texts: Named): string {
  return texts.map(([name, text]) => `,${json(`waft.${kind}.${name}`)}:${json(text)}`).join('');
}

function json(value: string): string {
  return JSON.stringify(value);
}
