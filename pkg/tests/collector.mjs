// A collector for one test, that behaves as it is told.
import { server } from './fixture.mjs';

const value = ({ stringValue, intValue, doubleValue }) => stringValue ?? (intValue === undefined ? doubleValue : { int: intValue });
/** A collector that keeps what it acknowledged, flattened. `status` may be changed; `bodies` is all that came. */
export async function collector(t, status = 200) {
  const it = { status, answer: '{}', headers: {}, bodies: [], records: [] };
  it.url = await server(t, async (body, request) => {
    it.method = request.method;
    it.type = request.headers['content-type'];
    it.bodies.push(body);
    const status = typeof it.status === 'function' ? it.status(body) : it.status;
    if (status === 200) {
      for (const { logRecords } of JSON.parse(body).resourceLogs.flatMap(({ scopeLogs }) => scopeLogs)) {
        for (const { attributes, ...record } of logRecords) {
          it.records.push({ ...record, ...Object.fromEntries(attributes.map(({ key, value: it }) => [key, value(it)])) });
        }
      }
    }
    return [status, it.answer, it.headers];
  });
  return it;
}
/** What was acknowledged, by its ids. */
export const ids = ({ records }) => records.map((record) => record['waft.exposure.id'] ?? record['waft.event.id']);
