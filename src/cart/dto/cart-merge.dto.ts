import type { MergedCart } from '../guest-carts.service';

export class DroppedItemDto {
  productId: string;
  quantity: number;
}

/** What became of the guest's cart at sign-in. */
export class CartMergeDto {
  /** Lines that are in the customer's cart now. */
  merged: number;

  /** Those that found no room in it: they are gone. */
  dropped: DroppedItemDto[];

  static of({ merged, dropped }: MergedCart): CartMergeDto {
    return Object.assign(new CartMergeDto(), { merged, dropped });
  }
}
