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

/** `guestId` is known where a guest's token was shown, which only the cart asks for. */
export type RequestWithUser = FastifyRequest & { user?: SignedInUser; guestId?: string };

export const PUBLIC = 'access:public';
export const GUESTS = 'access:guests';
export const ALLOWED_ROLES = 'access:roles';

/** Guests who show the token of their cart, or new ones as well, who have none yet. */
export type Guests = 'known' | 'new';

/** Open to anyone; everything else needs a session. */
export function Public(): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(PUBLIC, true), ApiExtension('x-public', true));
}

/** For signed-in users, and for guests. Who shows a bearer token must be signed in; the room itself asks who the guest is. */
export function OpenToGuests(guests: Guests): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(GUESTS, guests), ApiExtension('x-guests', guests));
}

/** Only for users with one of these roles; their session is checked against its row, not only the cached copy. */
export function AllowRoles(...roles: Role[]): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(ALLOWED_ROLES, roles), ApiExtension('x-roles', roles));
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
