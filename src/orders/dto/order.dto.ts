import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { WithoutMarkup } from '../../http/field.decorators';
import { MoneyDto } from '../../common/money.dto';
import { CursorPageDto, CursorQuery } from '../../common/pagination.dto';
import { TotalsDto } from '../../common/totals.dto';
import { Omittable } from '../../http/field.decorators';
import type { OrderRecord, OrderSummary } from '../order.record';
import { ORDER_STATUSES, type OrderStatus } from '../order.state';

export const PAYMENT_STATUSES = ['initiated', 'succeeded', 'failed', 'refunded', 'partially_refunded'] as const;
type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** Outside, a charge on its way or without answer reads `initiated`, and a voided payment `failed`. */
function publicPaymentStatus(status: string): PaymentStatus {
  if (status === 'voided') return 'failed';
  return PAYMENT_STATUSES.find((known) => known === status) ?? 'initiated';
}

export class OrderPaymentDto {
  status: PaymentStatus;
}

export class OrderItemDto {
  productId: string;
  sku: string;
  name: string;
  quantity: number;
  unitPrice: MoneyDto;
  lineTotal: MoneyDto;
}

export class ShippingAddressDto {
  id: string;
  street: string;
  city: string;
  state: string;
  zipCode: string;
  country: string;
}

export class ShipmentDto {
  carrier: string | null;
  trackingNumber: string | null;
  shippedAt: string | null;
  deliveredAt: string | null;
}

export class OrderDto {
  id: string;

  /** For people: mails and the phone. */
  number: string;

  @ApiProperty({ enum: ORDER_STATUSES, enumName: 'OrderStatus' })
  status: OrderStatus;

  payment: OrderPaymentDto;
  totals: TotalsDto;
  items: OrderItemDto[];
  shippingAddress: ShippingAddressDto;
  shippingMethod: string;
  shipment: ShipmentDto | null;
  cancelReason: string | null;
  createdAt: string;
  updatedAt: string;

  /** When it was delivered or cancelled. */
  completedAt: string | null;

  static of(order: OrderRecord): OrderDto {
    const { currency } = order.totals;
    return Object.assign(new OrderDto(), {
      id: order.id,
      number: order.number,
      status: order.status,
      payment: { status: publicPaymentStatus(order.payment.status) },
      totals: TotalsDto.of(order.totals),
      items: order.items.map((item) => ({
        productId: item.productId,
        sku: item.sku,
        name: item.name,
        quantity: item.quantity,
        unitPrice: MoneyDto.of(item.unitPrice, currency),
        lineTotal: MoneyDto.of(item.unitPrice * item.quantity, currency),
      })),
      shippingAddress: order.shippingAddress,
      shippingMethod: order.shippingMethod,
      shipment: order.shipment?.trackingNumber
        ? {
            carrier: order.shipment.carrier,
            trackingNumber: order.shipment.trackingNumber,
            shippedAt: order.shipment.shippedAt?.toISOString() ?? null,
            deliveredAt: order.shipment.deliveredAt?.toISOString() ?? null,
          }
        : null,
      cancelReason: order.cancelReason,
      createdAt: order.createdAt.toISOString(),
      updatedAt: order.updatedAt.toISOString(),
      completedAt: order.completedAt?.toISOString() ?? null,
    });
  }
}

export class OrderTotalDto {
  total: MoneyDto;
}

export class OrderSummaryDto {
  id: string;
  number: string;

  @ApiProperty({ enum: ORDER_STATUSES, enumName: 'OrderStatus' })
  status: OrderStatus;

  payment: OrderPaymentDto;
  totals: OrderTotalDto;

  /** Pieces, not lines. */
  itemCount: number;

  createdAt: string;

  static of(order: OrderSummary): OrderSummaryDto {
    return Object.assign(new OrderSummaryDto(), {
      id: order.id,
      number: order.number,
      status: order.status,
      payment: { status: publicPaymentStatus(order.paymentStatus) },
      totals: { total: MoneyDto.of(order.total, order.currency) },
      itemCount: order.itemCount,
      createdAt: order.createdAt.toISOString(),
    });
  }
}

/** Staff also see whose order it is. */
export class AdminOrderSummaryDto extends OrderSummaryDto {
  userId: string;

  static override of(order: OrderSummary): AdminOrderSummaryDto {
    return Object.assign(new AdminOrderSummaryDto(), OrderSummaryDto.of(order), { userId: order.userId });
  }
}

export class OrderListDto {
  items: OrderSummaryDto[];
  page: CursorPageDto;
}

export class AdminOrderListDto {
  items: AdminOrderSummaryDto[];
  page: CursorPageDto;
}

export class ListAllOrdersQuery extends CursorQuery {
  @IsOptional()
  @IsIn(ORDER_STATUSES)
  @ApiPropertyOptional({ enum: ORDER_STATUSES, enumName: 'OrderStatus' })
  status?: OrderStatus;
}

export class CancelOrderDto {
  @Omittable()
  @WithoutMarkup()
  @IsString()
  @MaxLength(255)
  reason?: string;
}
