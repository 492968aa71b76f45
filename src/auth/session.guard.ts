import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard, type AuthGuardAuthenticateOptions } from '@nestjs/passport';
import { ALLOWED_ROLES, PUBLIC, type RequestWithUser } from '../http/access.decorators';
import type { AccessTokenClaims } from './access-token.service';
import { unauthenticated } from './auth.errors';
import { SessionsService } from './sessions.service';

type Request = RequestWithUser & { accessToken?: AccessTokenClaims };

/** Under these anything but reading moves money or stock. By path: a new route there can not forget to say so. */
const MONEY_ROUTES = /^\/v1\/(checkouts|orders)(\/|$)/;

/** Finds out who sends a request; 401 when nobody is signed in and the route is not public. */
@Injectable()
export class SessionGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionsService,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets)) return true;

    await super.canActivate(context);
    const request = context.switchToHttp().getRequest<Request>();
    if (!request.accessToken) throw unauthenticated();
    const needsRole = this.reflector.getAllAndOverride<unknown>(ALLOWED_ROLES, targets) !== undefined;
    const user = await this.sessions.signedIn(request.accessToken, needsRole || movesMoney(request));
    if (!user) throw unauthenticated();
    request.user = user;
    return true;
  }

  /** What the token says is not yet who is signed in. */
  override getAuthenticateOptions(): AuthGuardAuthenticateOptions {
    return { session: false, property: 'accessToken' };
  }

  override handleRequest<TUser>(error: unknown, claims: TUser | false): TUser {
    if (error instanceof Error) throw error;
    if (!claims) throw unauthenticated();
    return claims;
  }
}

function movesMoney(request: Request): boolean {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  return !reads && MONEY_ROUTES.test(request.routeOptions.url ?? request.url);
}
