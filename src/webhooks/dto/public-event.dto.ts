import { ApiProperty } from '@nestjs/swagger';
import { MoneyDto } from '../../common/money.dto';
import { CANCEL_REASONS, type CancelReason } from '../../events/order.events';

export class WebhookOrderLineDto {
  productId: string;
  sku: string;
  name: string;
  quantity: number;
  unitPrice: MoneyDto;
}

export class WebhookOrderDto {
  orderId: string;
  number: string;
  customerId: string;
  paymentId: string;
  total: MoneyDto;
  items: WebhookOrderLineDto[];
}

export class WebhookOrderInShipmentDto extends WebhookOrderDto {
  shipmentId: string;
}

export class WebhookShippedOrderDto extends WebhookOrderInShipmentDto {
  carrier: string;
  trackingNumber: string;
}

export class WebhookCancelledOrderDto extends WebhookOrderDto {
  @ApiProperty({ enum: CANCEL_REASONS, enumName: 'CancelReason' })
  reason: CancelReason;

  /** What the order was before. */
  previousStatus: string;
}

class WebhookPaymentDto {
  paymentId: string;
  orderId: string | null;
  customerId: string;
  amount: MoneyDto;
}

export class WebhookSucceededPaymentDto extends WebhookPaymentDto {
  /** The provider's. */
  chargeId: string;
}

export class WebhookFailedPaymentDto extends WebhookPaymentDto {
  failureCode: string;
}

export class WebhookRefundedPaymentDto extends WebhookPaymentDto {
  refundId: string;

  /** By this refund. */
  refunded: MoneyDto;

  /** By all so far. */
  refundedTotal: MoneyDto;
}

export class WebhookStockDto {
  productId: string;
  quantity: number;
  reservedQuantity: number;
  available: number;

  /** What changed it. */
  cause: string;
}

export class WebhookLowStockDto {
  productId: string;
  available: number;
  threshold: number;
}

export class WebhookTestDto {
  webhookId: string;
}
