import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard, type AuthGuardAuthenticateOptions } from '@nestjs/passport';
import { ApiKeysService, KEY_PREFIX } from '../api-keys/api-keys.service';
import { BEFORE_ENROLMENT, GUESTS, PERMISSION, PUBLIC, type RequestWithUser } from '../http/access.decorators';
import { isStaffs, type Permission } from '../http/permissions';
import { PerRoute } from '../http/per-route';
import { AccessTokenService, type AccessTokenClaims } from './access-token.service';
import { enrolmentRequired, unauthenticated } from './auth.errors';
import { SessionsService } from './sessions.service';

type Request = RequestWithUser & { accessToken?: AccessTokenClaims };

const BEARER = 'Bearer ';
const BEARER_KEY = `${BEARER}${KEY_PREFIX}`;

/** Under these anything but reading moves money or stock. By path: a new route there can not forget to say so. */
const MONEY_ROUTES = /^\/v1\/(checkouts|orders)(\/|$)/;

/** What a route asks of its visitors, by its decorators. */
interface Access {
  isPublic: boolean;
  takesGuests: boolean;
  forStaff: boolean;
  takesUnenrolled: boolean;
}

/** Finds out who sends a request; 401 when nobody is signed in and the route is not public. */
@Injectable()
export class SessionGuard extends AuthGuard('jwt') {
  private readonly access = new PerRoute<Access>((context) => {
    const targets = [context.getHandler(), context.getClass()];
    const permission = this.reflector.getAllAndOverride<Permission | undefined>(PERMISSION, targets);
    return {
      isPublic: this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets) === true,
      takesGuests: this.reflector.getAllAndOverride<unknown>(GUESTS, targets) !== undefined,
      forStaff: permission !== undefined && isStaffs(permission),
      takesUnenrolled: this.reflector.getAllAndOverride<boolean | undefined>(BEFORE_ENROLMENT, targets) === true,
    };
  });

  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionsService,
    private readonly tokens: AccessTokenService,
    private readonly apiKeys: ApiKeysService,
  ) {
    super();
  }

  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const access = this.access.of(context);
    if (access.isPublic || (access.takesGuests && isAnonymous(context))) return true;
    return this.signIn(context, access);
  }

  private async signIn(context: ExecutionContext, { forStaff, takesUnenrolled }: Access): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const { authorization } = request.headers;
    if (authorization?.startsWith(BEARER_KEY)) return this.admitKey(request, authorization.slice(BEARER.length));
    const known = this.tokens.known(authorization);
    if (!known) {
      await super.canActivate(context);
      if (!request.accessToken) throw unauthenticated();
      this.tokens.remember(authorization, request.accessToken);
    }
    const claims = known ?? request.accessToken;
    if (!claims) throw unauthenticated();
    const user = await this.sessions.signedIn(claims, forStaff || movesMoney(request));
    if (!user) throw unauthenticated();
    if (user.mustEnrol && !takesUnenrolled) throw enrolmentRequired();
    request.user = user;
    return true;
  }

  private async admitKey(request: Request, key: string): Promise<boolean> {
    const holder = await this.apiKeys.holderOf(key);
    if (!holder) throw unauthenticated();
    request.user = { userId: holder.id, sessionId: holder.id, roles: [], scopes: holder.permissions };
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

function isAnonymous(context: ExecutionContext): boolean {
  return context.switchToHttp().getRequest<Request>().headers.authorization === undefined;
}

function movesMoney(request: Request): boolean {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  return !reads && MONEY_ROUTES.test(request.routeOptions.url ?? request.url);
}
