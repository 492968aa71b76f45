/** What the trail tells of, and the database each lives in. */
export const AUDITED = ['product', 'category', 'inventory', 'product_image', 'import', 'webhook_endpoint'] as const;
export type AuditedType = (typeof AUDITED)[number];

/** The rest is in the products database. */
export const AUDITED_IN_ORDERS: readonly AuditedType[] = ['webhook_endpoint'];

export interface AuditEntry {
  /** As `product.updated`. */
  action: string;
  subjectType: AuditedType;
  subjectId: string;
  /** What changed, as it was and as it became; null where there is none. */
  before: object | null;
  after: object | null;
}

export interface AuditRecord extends AuditEntry {
  position: string;
  actorId: string | null;
  requestId: string | null;
  at: Date;
}

/** What is looked for; null does not limit. */
export interface AuditFilter {
  subjectType: AuditedType | null;
  subjectId: string | null;
  actorId: string | null;
  action: string | null;
}
