import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GUESTS, may, PERMISSION, PUBLIC, type RequestWithUser } from '../http/access.decorators';
import type { Permission } from '../http/permissions';
import { PerRoute } from '../http/per-route';
import { forbidden, unauthenticated } from './auth.errors';

/** What a route asks for; `nothing` is for anyone, and `unstated` for nobody. */
type Asked = Permission | 'nothing' | 'unstated';

/** Lets through who has the permission that the route names. A route that names none was forgotten, and lets nobody. */
@Injectable()
export class PermissionsGuard implements CanActivate {
  private readonly asked = new PerRoute<{ permission: Asked; takesGuests: boolean }>((context) => {
    const targets = [context.getHandler(), context.getClass()];
    const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets) === true;
    const named = this.reflector.getAllAndOverride<Permission | undefined>(PERMISSION, targets);
    return {
      permission: named ?? (isPublic ? 'nothing' : 'unstated'),
      takesGuests: this.reflector.getAllAndOverride<unknown>(GUESTS, targets) !== undefined,
    };
  });

  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const { permission, takesGuests } = this.asked.of(context);
    if (permission === 'nothing') return true;
    if (permission === 'unstated') throw forbidden();
    const user = context.switchToHttp().getRequest<RequestWithUser>().user;
    if (!user && takesGuests) return true;
    if (!user) throw unauthenticated();
    if (!may(user, permission)) throw forbidden();
    return true;
  }
}
