/** Whose cart it is. A new guest has none yet, and no token that says who they are. */
export interface CartOwner {
  kind: 'user' | 'guest' | 'new guest';
  id: string;
}

export interface CartItem {
  productId: string;
  quantity: number;
}

export interface CartLine extends CartItem {
  /** Minor units; null (or not there, in a copy of before) when that is not known. */
  seenPrice?: number | null;
}

/** A cart as it was at one version. */
export interface CartSnapshot {
  cartId: string;
  version: number;
  items: CartLine[];
}
