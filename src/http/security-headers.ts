import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import helmet from 'helmet';

/** Answers of the API are data: nothing in them is to be run, loaded or framed. */
const NOTHING = {
  useDefaults: false,
  directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
};

/** A page of ours loads things of its own; what it may load is said where it is served. */
const PAGES = /^\/docs/;

/** Helmet says the same of every answer, so it is asked once. */
function headersOf(contentSecurityPolicy: typeof NOTHING | false): Record<string, string> {
  const answer = new ServerResponse(new IncomingMessage(new Socket()));
  helmet({
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
    contentSecurityPolicy,
  })(new IncomingMessage(new Socket()), answer, () => undefined);
  return Object.fromEntries(Object.entries(answer.getHeaders()).map(([name, value]) => [name, String(value)]));
}

export const API_HEADERS = headersOf(NOTHING);
const PAGE_HEADERS = headersOf(false);

/**
 * Helmet's headers on every answer. Four of them Nginx says for all it serves, files and its own errors too, and takes
 * them away from ours: see `nginx/templates/snippets/security-headers.conf.template`.
 */
export function sendSecurityHeaders(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      reply.headers(PAGES.test(request.url) ? PAGE_HEADERS : API_HEADERS);
      done();
    });
}
