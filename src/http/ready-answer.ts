import { hash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** An answer that lies ready as JSON text. Who has it already, by its tag, is not sent it: then it is not even built. */
export interface ReadyAnswer {
  /** Another answer has another tag. */
  tag: string;
  body: () => string | Buffer;
}

/** Of a text that was just made. */
export function answerOf(text: string): ReadyAnswer {
  return { tag: hash('sha1', text, 'base64url').slice(0, 16), body: () => text };
}

/** Anyone may keep an answer, but stock may change any second: ask again before using it. */
const CACHE_CONTROL = 'public, no-cache';

/** Weak comparison (RFC 9110, 13.1.2): compression on the way may have put `W/` before our tag. */
function names(ifNoneMatch: string, tag: string): boolean {
  if (ifNoneMatch === tag || ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === tag);
}

/** The body with a strong ETag, or 304 and nothing for who has it already. */
export function conditionally(reply: FastifyReply, answer: ReadyAnswer): string | Buffer | undefined {
  const tag = `"${answer.tag}"`;
  reply.header('ETag', tag).header('Cache-Control', CACHE_CONTROL);
  const ifNoneMatch = reply.request.headers['if-none-match'];
  if (ifNoneMatch !== undefined && names(ifNoneMatch, tag)) {
    reply.status(304);
    return undefined;
  }
  reply.type('application/json; charset=utf-8');
  return answer.body();
}
