import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ALLOWED_ROLES, type RequestWithUser, type Role } from '../http/access.decorators';
import { forbidden, unauthenticated } from './auth.errors';

/** Lets through who has one of the roles that the route names. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const targets = [context.getHandler(), context.getClass()];
    const allowed = this.reflector.getAllAndOverride<Role[] | undefined>(ALLOWED_ROLES, targets);
    if (!allowed) return true;
    const user = context.switchToHttp().getRequest<RequestWithUser>().user;
    if (!user) throw unauthenticated();
    if (!user.roles.some((role) => allowed.includes(role))) throw forbidden();
    return true;
  }
}
