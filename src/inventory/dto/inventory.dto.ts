import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { Omittable, WithoutMarkup } from '../../http/field.decorators';
import type { StockView } from '../inventory.service';

/** Far above any real stock, and far below where an order coming back could overflow the column. */
const MAX_QUANTITY = 1_000_000_000;

export class AdjustInventoryDto {
  /** What is on hand now, what is set aside for customers included. */
  @IsInt()
  @Min(0)
  @Max(MAX_QUANTITY)
  quantity: number;

  /** What was on hand when you looked; instead of `If-Match`. */
  @Omittable()
  @IsInt()
  @Min(0)
  @Max(MAX_QUANTITY)
  expectedQuantity?: number;

  /** Kept in the ledger. */
  @Omittable()
  @WithoutMarkup()
  @IsString()
  @MaxLength(255)
  reason?: string;
}

export class InventoryDto {
  productId: string;

  /** On hand, reserved included. */
  quantity: number;

  /** Set aside for open checkouts and unpaid orders. */
  reservedQuantity: number;

  available: number;
  lowStock: boolean;
  updatedAt: string;

  static of(stock: StockView): InventoryDto {
    return Object.assign(new InventoryDto(), {
      productId: stock.productId,
      quantity: stock.quantity,
      reservedQuantity: stock.reservedQuantity,
      available: stock.available,
      lowStock: stock.lowStock,
      updatedAt: stock.updatedAt.toISOString(),
    });
  }
}
