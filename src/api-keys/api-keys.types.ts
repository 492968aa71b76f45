import { isStaffs, PERMISSIONS, type Permission } from '../http/permissions';

/** What a key may be given: staff's work, but not to make keys. */
export const KEY_PERMISSIONS: readonly Permission[] = PERMISSIONS.filter(
  (permission) => isStaffs(permission) && !permission.startsWith('api-keys:'),
);

export interface ApiKeyRecord {
  id: string;
  name: string;
  /** How the key begins. */
  hint: string;
  permissions: Permission[];
  createdBy: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

export interface NewApiKey {
  name: string;
  permissions: Permission[];
  expiresAt: Date | null;
}
