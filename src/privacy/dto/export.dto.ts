import { ApiProperty } from '@nestjs/swagger';
import { MoneyDto } from '../../common/money.dto';
import { OrderDto, ShippingAddressDto } from '../../orders/dto/order.dto';
import { AddressDto } from '../../users/dto/address.dto';
import { ProfileDto } from '../../users/dto/user.dto';

export class ExportedSecondFactorDto {
  enabled: boolean;
}

export class ExportedCartLineDto {
  productId: string;
  quantity: number;
}

/** Where the customer signed in, also what ended since and is not swept yet. */
export class ExportedSessionDto {
  id: string;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
  endedAt: string | null;

  /** What the client called itself then. */
  userAgent: string | null;

  /** Part of the address it came from then, as `203.0.113.0/24`. */
  ipPrefix: string | null;
}

export class ExportedCheckoutLineDto {
  productId: string;
  sku: string;
  name: string;
  quantity: number;
  unitPrice: MoneyDto;
}

export class ExportedCheckoutDto {
  id: string;
  orderId: string;
  status: string;
  lines: ExportedCheckoutLineDto[];
  total: MoneyDto;
  shippingAddress: ShippingAddressDto;
  shippingMethod: string;
  createdAt: string;
}

export class ExportedRefundDto {
  id: string;
  amount: MoneyDto;

  /** In the words of staff. */
  reason: string;
  status: string;
  createdAt: string;
}

/** What was paid with is a secret and not told. */
export class ExportedPaymentDto {
  id: string;
  provider: string;
  status: string;
  amount: MoneyDto;
  refunded: MoneyDto;

  /** The provider's name for the charge. */
  chargeId: string | null;
  failureCode: string | null;
  createdAt: string;
  refunds: ExportedRefundDto[];
}

/** One step of an order's life, as its event told of it. */
export class ExportedEventDto {
  id: string;
  type: string;
  at: string;

  @ApiProperty({ type: 'object', additionalProperties: true })
  detail: Record<string, unknown>;
}

export class ExportedStaffActionDto {
  action: string;
  at: string;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  before: object | null;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  after: object | null;
}

export class ExportedOrderDto {
  order: OrderDto;

  /** What staff said of its cancellation. */
  cancelNote: string | null;
  payment: ExportedPaymentDto | null;
  timeline: ExportedEventDto[];

  /** What staff did to the order and its refunds; who they are is theirs. */
  staffActions: ExportedStaffActionDto[];
}

export class ExportedMessageDto {
  id: string;
  type: string;
  channel: string;
  orderId: string | null;
  status: string;
  subject: string;

  /** Null where it held a token. Mails began with the name of the time. */
  text: string | null;
  createdAt: string;
  sentAt: string | null;
}

/** A number of the shop's reports. */
export class ExportedSaleDto {
  id: string;
  type: string;
  at: string;
  orderId: string;
  amount: MoneyDto;
}

/** Everything the shop keeps of a person. */
export class PersonalExportDto {
  createdAt: string;
  profile: ProfileDto;
  secondFactor: ExportedSecondFactorDto;
  cart: ExportedCartLineDto[];
  addresses: AddressDto[];
  sessions: ExportedSessionDto[];
  checkouts: ExportedCheckoutDto[];
  orders: ExportedOrderDto[];
  messages: ExportedMessageDto[];
  sales: ExportedSaleDto[];
}
