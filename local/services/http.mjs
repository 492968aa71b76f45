// @ts-check
/** The few lines of HTTP that the provider and the mailbox share. */
import http from 'node:http';

const LARGEST_BODY = 1024 * 1024;

/** An answer that ends a request early. */
export class Refusal extends Error {
  /** @param {number} status @param {string} code @param {string} detail */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** @param {http.ServerResponse} response @param {number} status @param {unknown} [body] @param {Record<string, string>} [headers] */
export function answer(response, status, body, headers = {}) {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** @param {http.IncomingMessage} request @returns {Promise<Record<string, unknown>>} */
export async function readJson(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Refusal(413, 'body_too_large', 'a body may have 1 MB');
    chunks.push(chunk);
  }
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  } catch {
    // Told below.
  }
  throw new Refusal(400, 'invalid_body', 'the body must be a JSON object');
}

/**
 * Serves until SIGTERM or SIGINT.
 * @param {(request: http.IncomingMessage, response: http.ServerResponse, url: URL) => Promise<void>} handle
 */
export function serve(handle) {
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://local');
    handle(request, response, url).catch((error) => {
      if (error instanceof Refusal) return answer(response, error.status, { code: error.code, detail: error.message });
      console.error(error);
      answer(response, 500, { code: 'internal_error', detail: 'see the log' });
    });
  });
  server.keepAliveTimeout = 65_000;
  const port = Number(process.env.PORT);
  server.on('error', (error) => {
    console.error(`error: cannot listen on ${port}: ${error.message}`);
    process.exit(1);
  });
  server.listen({ port, host: process.env.HOST || '127.0.0.1' });
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      server.close(() => process.exit(0));
      // Connections that are kept silent on purpose would hold the server for ever.
      server.closeIdleConnections();
      setTimeout(() => process.exit(0), 500);
    });
  }
}
