// A plugin for Vite's servers: prints the exposures that a page sends to /v1/logs, where `waft serve` would store them.

/** Accepts what arrives, and prints it. */
export function collector() {
  const listen = ({ middlewares }) => {
    middlewares.use('/v1/logs', async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      for (const { attributes } of recordsOf(Buffer.concat(chunks).toString())) {
        console.log(`exposed: ${attributes.map(({ key, value }) => `${key}=${Object.values(value)}`).join(' ')}`);
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  };
  return { name: 'collector', configureServer: listen, configurePreviewServer: listen };
}

function recordsOf(body) {
  return JSON.parse(body).resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
}
