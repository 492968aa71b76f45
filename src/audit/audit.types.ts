/** What the trail tells of, and the database each lives in. */
export const AUDITED = [
  'product',
  'category',
  'inventory',
  'product_image',
  'import',
  'order',
  'refund',
  'dead_letter',
  'webhook_endpoint',
  'api_key',
  'consistency',
] as const;
export type AuditedType = (typeof AUDITED)[number];

/** The rest is in the products database. */
export const AUDITED_ELSEWHERE: Partial<Record<AuditedType, 'users' | 'orders'>> = {
  order: 'orders',
  refund: 'orders',
  dead_letter: 'orders',
  webhook_endpoint: 'orders',
  api_key: 'users',
};

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

export const FAULTS = ['changed', 'gone', 'unsealed'] as const;

/** `changed`: not as it was sealed, or the seal before it is not the one it followed; `gone`; `unsealed`. */
export interface ChainFault {
  position: string;
  fault: (typeof FAULTS)[number];
}

export interface VerifiedChain {
  database: string;
  entries: number;
  /** The last seal: who kept an earlier one can ask whether it is still in the chain. */
  head: string;
  faults: ChainFault[];
}
