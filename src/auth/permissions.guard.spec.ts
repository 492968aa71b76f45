import { Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host';
import { AppError } from '../common/app-error';
import { Public, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { PermissionsGuard } from './permissions.guard';

class Routes {
  @Public()
  open(): void {}

  forgotten(): void {}

  @RequirePermission('orders:read')
  staffs(): void {}
}

const guard = new PermissionsGuard(new Reflector());

function ask(handler: () => void, roles: SignedInUser['roles'] | null): boolean | string {
  const user = roles && { userId: 'someone', sessionId: 'somewhere', roles };
  try {
    return guard.canActivate(new ExecutionContextHost([{ user }], Routes, handler));
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

describe('the permissions guard', () => {
  it.each<[string, () => void, SignedInUser['roles'] | null, boolean | string]>([
    ['a public route lets anyone', Routes.prototype.open, null, true],
    ['a route that states nothing lets nobody', Routes.prototype.forgotten, ['admin'], 'forbidden'],
    ['a permission asks who it is', Routes.prototype.staffs, null, 'unauthenticated'],
    ['a role without it is refused', Routes.prototype.staffs, ['customer'], 'forbidden'],
    ['one of several roles is enough', Routes.prototype.staffs, ['customer', 'support'], true],
    ['no role grants nothing', Routes.prototype.staffs, [], 'forbidden'],
  ])('%s', (_, handler, roles, answer) => {
    expect(ask(handler, roles)).toBe(answer);
  });
});
