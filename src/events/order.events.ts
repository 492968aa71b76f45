import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, IsUUID, Min, ValidateNested } from 'class-validator';
import { MoneyDto } from '../common/money.dto';

export class OrderLine {
  @IsUUID()
  productId: string;

  @IsString()
  sku: string;

  @IsString()
  name: string;

  @IsInt()
  @Min(1)
  quantity: number;

  @ValidateNested()
  @Type(() => MoneyDto)
  unitPrice: MoneyDto;
}

/** What every order event says of its order. */
export class OrderEventData {
  @IsString()
  number: string;

  @IsUUID()
  userId: string;

  @IsUUID()
  checkoutId: string;

  @IsUUID()
  paymentId: string;

  @ValidateNested()
  @Type(() => MoneyDto)
  total: MoneyDto;

  @ValidateNested({ each: true })
  @Type(() => OrderLine)
  items: OrderLine[];
}

export class OrderCreated extends OrderEventData {
  @IsUUID()
  cartId: string;

  @IsInt()
  cartVersion: number;
}

export class OrderConfirmed extends OrderEventData {}

export class OrderProcessing extends OrderEventData {
  @IsUUID()
  shipmentId: string;
}

export class OrderShipped extends OrderEventData {
  @IsUUID()
  shipmentId: string;

  @IsString()
  carrier: string;

  @IsString()
  trackingNumber: string;
}

export class OrderDelivered extends OrderEventData {
  @IsUUID()
  shipmentId: string;
}

export const CANCEL_REASONS = ['customer', 'staff', 'payment_failed', 'unpaid'] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

export class OrderCancelled extends OrderEventData {
  @IsIn(CANCEL_REASONS)
  reason: CancelReason;

  /** What the order was before: stock of a pending one is released, of a confirmed one restocked. */
  @IsIn(['pending', 'confirmed', 'processing'])
  previousStatus: string;
}
