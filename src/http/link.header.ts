import type { FastifyReply } from 'fastify';

/** Names the next page of a cursor list in a `Link` header (RFC 8288). */
export function linkNext(reply: FastifyReply, page: { limit: number; nextCursor: string | null }): void {
  if (page.nextCursor === null) return;
  const [path = '', query] = reply.request.url.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', page.nextCursor);
  parameters.set('limit', String(page.limit));
  reply.header('Link', `<${path}?${parameters.toString()}>; rel="next"`);
}
