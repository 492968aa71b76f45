import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/app-error';

export const ROLES = ['customer', 'support', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who sent the request, as the session guard found out. */
export interface SignedInUser {
  userId: string;
  sessionId: string;
  roles: Role[];
}

export type RequestWithUser = FastifyRequest & { user?: SignedInUser };

export const PUBLIC = 'access:public';
export const ALLOWED_ROLES = 'access:roles';

/** Open to anyone; everything else needs a session. */
export function Public(): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(PUBLIC, true), ApiExtension('x-public', true));
}

/** Only for users with one of these roles; their session is checked against its row, not only the cached copy. */
export function AllowRoles(...roles: Role[]): ClassDecorator & MethodDecorator {
  return SetMetadata(ALLOWED_ROLES, roles);
}

/** The signed-in user of this request. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): SignedInUser => {
  const user = context.switchToHttp().getRequest<RequestWithUser>().user;
  if (!user) throw new AppError('unauthenticated', 'unauthenticated', 'Please sign in.');
  return user;
});

export function isStaff(user: SignedInUser): boolean {
  return user.roles.includes('admin') || user.roles.includes('support');
}
