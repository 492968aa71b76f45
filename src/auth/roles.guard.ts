import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ALLOWED_ROLES, type RequestWithUser, type Role } from '../http/access.decorators';
import { PerRoute } from '../http/per-route';
import { forbidden, unauthenticated } from './auth.errors';

/** Lets through who has one of the roles that the route names. */
@Injectable()
export class RolesGuard implements CanActivate {
  private readonly allowed = new PerRoute<readonly Role[] | null>((context) => {
    const targets = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<Role[] | undefined>(ALLOWED_ROLES, targets) ?? null;
  });

  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const allowed = this.allowed.of(context);
    if (!allowed) return true;
    const user = context.switchToHttp().getRequest<RequestWithUser>().user;
    if (!user) throw unauthenticated();
    if (!user.roles.some((role) => allowed.includes(role))) throw forbidden();
    return true;
  }
}
