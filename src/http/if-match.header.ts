import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../common/app-error';

/** What an `If-Match` names; null means any version (`*`). */
export interface MatchedVersions {
  versions: readonly string[] | null;
}

const ENTITY_TAG = /(?:W\/)?"([^"]*)"/g;

/** The versions an `If-Match` names; a weak tag counts as well, since compression on the way weakens ours. */
export function readIfMatch(header: string | undefined): MatchedVersions | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return { versions: null };
  return { versions: [...header.matchAll(ENTITY_TAG)].map((match) => match[1] ?? '') };
}

function ofRequest(context: ExecutionContext): MatchedVersions | undefined {
  return readIfMatch(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']);
}

/** The versions that the editor saw; 428 without them. */
export const RequiredIfMatch = createParamDecorator((_: unknown, context: ExecutionContext): MatchedVersions => {
  const match = ofRequest(context);
  if (match) return match;
  throw new AppError(
    'precondition_required',
    'precondition_required',
    'Say what you saw before: send If-Match with the ETag of the last answer.',
  );
});

/** The same where nothing of anyone's work can be lost: without it, whatever the version is. */
export const OptionalIfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext): MatchedVersions => ofRequest(context) ?? { versions: null },
);

/** Documents the header in OpenAPI. */
export function ApiIfMatch(required: boolean): MethodDecorator {
  return applyDecorators(ApiHeader({ name: 'If-Match', required, description: 'The ETag of the last answer' }));
}

/** Throws 412 when the row's version is none that the editor saw. */
export function requireMatch({ versions }: MatchedVersions, version: number): void {
  if (versions === null || versions.includes(String(version))) return;
  throw new AppError(
    'precondition_failed',
    'precondition_failed',
    'It has changed since the version named by If-Match. Please read it again.',
  );
}

export function tellVersion(reply: FastifyReply, version: number): void {
  reply.header('ETag', `"${version}"`);
}
