import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../common/app-error';
import { grants, type Permission, type Role } from './permissions';

/** Who sent the request, as the session guard found out. An integration is known by its key's id, and has no roles. */
export interface SignedInUser {
  userId: string;
  sessionId: string;
  roles: Role[];
  /** What an integration's key was given. */
  scopes?: readonly Permission[];
}

/** `guestId` is known where a guest's token was shown, which only the cart asks for. */
export type RequestWithUser = FastifyRequest & { user?: SignedInUser; guestId?: string };

export const PUBLIC = 'access:public';
export const GUESTS = 'access:guests';
export const PERMISSION = 'access:permission';
export const BEFORE_ENROLMENT = 'access:before-enrolment';

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

/**
 * Only for who has this permission. A route that is not public and names none is open to nobody. For what is staff's the
 * session is checked against its row, not only the cached copy.
 */
export function RequirePermission(permission: Permission): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(PERMISSION, permission), ApiExtension('x-permission', permission));
}

/** Also for admins who have no second factor yet, where one is required: else they could not get one. */
export function OpenBeforeEnrolment(): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(BEFORE_ENROLMENT, true), ApiExtension('x-before-enrolment', true));
}

/** The signed-in user of this request. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): SignedInUser => {
  const user = context.switchToHttp().getRequest<RequestWithUser>().user;
  if (!user) throw new AppError('unauthenticated', 'unauthenticated', 'Please sign in.');
  return user;
});

/** By a role, or by the key of an integration. */
export function may({ roles, scopes }: SignedInUser, permission: Permission): boolean {
  return grants(roles, permission) || (scopes?.includes(permission) ?? false);
}

/** Who reads a customer's order as that customer does, or as staff that may read everybody's. */
export function readsAllOrders(user: SignedInUser): boolean {
  return may(user, 'orders:read');
}
