import { Type } from 'class-transformer';
import { IsIn, IsInt, IsUUID, Min, ValidateNested } from 'class-validator';

export class StockLine {
  @IsUUID()
  productId: string;

  @IsInt()
  @Min(1)
  quantity: number;
}

/** Stock was set aside for a checkout; the subject is the checkout, `orderid` the order it may become. */
export class InventoryReserved {
  @IsUUID()
  userId: string;

  @ValidateNested({ each: true })
  @Type(() => StockLine)
  items: StockLine[];
}

export const RELEASE_CAUSES = ['expired', 'released', 'order_cancelled', 'never_placed'] as const;
export type ReleaseCause = (typeof RELEASE_CAUSES)[number];

export class InventoryReleased {
  @IsIn(RELEASE_CAUSES)
  cause: ReleaseCause;

  @ValidateNested({ each: true })
  @Type(() => StockLine)
  items: StockLine[];
}

/** What is on hand changed; the subject is the product. */
export class InventoryUpdated {
  @IsInt()
  @Min(0)
  quantity: number;

  @IsInt()
  @Min(0)
  reservedQuantity: number;

  @IsInt()
  @Min(0)
  available: number;

  @IsIn(['order', 'restock', 'admin', 'import', 'correction'])
  cause: string;
}

export class InventoryLowStock {
  @IsInt()
  @Min(0)
  available: number;

  @IsInt()
  threshold: number;
}
