/** Why what is on hand changed, as the ledger and `inventory.updated` name it. */
export type StockChange = 'order' | 'restock' | 'admin' | 'import' | 'correction';

/** A stock row's counters; `lowStock` is whether its fall below the threshold was told of already. */
export interface StockLevel {
  productId: string;
  quantity: number;
  /** Held and claimed; a part of `quantity`. */
  reservedQuantity: number;
  lowStock: boolean;
}

/** The whole row, as staff see it. */
export interface StockRow extends StockLevel {
  version: number;
  updatedAt: Date;
}

/** What is on hand and reserved by the stock row, and what is on hand by the ledger. */
export interface Counters {
  quantity: number;
  reservedQuantity: number;
  ledger: number;
}

export interface StockCorrection {
  productId: string;
  before: Counters;
  after: Counters;
}

export interface StockMovement {
  productId: string;
  delta: number;
  cause: StockChange;
  orderId: string | null;
  actorId: string | null;
  reason: string | null;
}
