/**
 * What a route may ask of who calls it. What begins with `own:` is about the caller's own things; all else is staff's,
 * and may be given to the key of an integration as well.
 */
export const PERMISSIONS = [
  'own:account',
  'own:cart',
  'own:orders',
  'catalogue:read',
  'catalogue:write',
  'inventory:read',
  'inventory:write',
  'orders:read',
  'orders:write',
  'refunds:write',
  'customers:read',
  'operations:read',
  'operations:write',
  'audit:read',
  'webhooks:read',
  'webhooks:write',
  'api-keys:read',
  'api-keys:write',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['customer', 'support', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const OWN = ['own:account', 'own:cart', 'own:orders'] as const;

const SUPPORT = [
  ...OWN,
  'catalogue:read',
  'catalogue:write',
  'inventory:read',
  'inventory:write',
  'orders:read',
  'orders:write',
  'refunds:write',
  'customers:read',
  'operations:read',
  'webhooks:read',
] as const;

const GRANTS: Record<Role, ReadonlySet<Permission>> = {
  customer: new Set(OWN),
  support: new Set(SUPPORT),
  admin: new Set(PERMISSIONS),
};

/** Staff's permissions are money and other people's data: who uses one is asked for anew with each request. */
export function isStaffs(permission: Permission): boolean {
  return !permission.startsWith('own:');
}

/** What no role grants is denied. */
export function grants(roles: readonly Role[], permission: Permission): boolean {
  return roles.some((role) => GRANTS[role].has(permission));
}
