import { Type } from 'class-transformer';
import { IsIn, IsString, IsUUID, Matches, MaxLength, MinLength } from 'class-validator';
import { MoneyDto } from '../../common/money.dto';
import { TotalsDto } from '../../common/totals.dto';
import { Nested, Omittable } from '../../http/field.decorators';
import type { CheckoutRecord } from '../checkout.repository';

export const SHIPPING_METHODS = ['standard'] as const;

export class CreateCheckoutDto {
  @IsUUID()
  shippingAddressId: string;

  /** How the goods travel; one way for now. */
  @Omittable()
  @IsIn(SHIPPING_METHODS)
  shippingMethod?: string;
}

export class CheckoutItemDto {
  productId: string;
  sku: string;
  name: string;

  @Type(() => MoneyDto)
  unitPrice: MoneyDto;

  quantity: number;

  @Type(() => MoneyDto)
  lineTotal: MoneyDto;
}

export class CheckoutDto {
  id: string;

  /** `held` until it is placed (`claimed`), runs out (`expired`) or is given back (`released`). */
  status: string;

  /** Prices and stock hold until then. */
  expiresAt: string;

  items: CheckoutItemDto[];
  totals: TotalsDto;

  static of(checkout: CheckoutRecord): CheckoutDto {
    return Object.assign(new CheckoutDto(), {
      id: checkout.id,
      status: checkout.status,
      expiresAt: checkout.expiresAt.toISOString(),
      items: checkout.lines.map((line) => ({
        productId: line.productId,
        sku: line.sku,
        name: line.name,
        unitPrice: MoneyDto.of(line.unitPrice),
        quantity: line.quantity,
        lineTotal: MoneyDto.of(line.unitPrice * line.quantity),
      })),
      totals: TotalsDto.of(checkout.totals),
    });
  }
}

export class PaymentMethodDto {
  @IsIn(['sandbox'])
  provider: 'sandbox';

  /** The provider's token of the customer's card; `tok_ok`, `tok_declined`, … at the sandbox. */
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  // What PostgreSQL would count otherwise (variation selectors) is refused before anything is claimed.
  @Matches(/^[!-~]+$/, { message: 'must be of ASCII, without blanks' })
  token: string;
}

export class PlaceOrderDto {
  @IsUUID()
  checkoutId: string;

  @Nested(() => PaymentMethodDto)
  payment: PaymentMethodDto;

  /** What the customer was shown: another total is refused with 409. */
  @Omittable()
  @Nested(() => MoneyDto)
  expectedTotal?: MoneyDto;
}
