import { Type } from 'class-transformer';
import { IsString, IsUUID, ValidateNested } from 'class-validator';
import { MoneyDto } from '../common/money.dto';

/** What every payment event says of its payment; the subject is the payment, `orderid` its order. */
export class PaymentEventData {
  @IsUUID()
  userId: string;

  @IsString()
  provider: string;

  @ValidateNested()
  @Type(() => MoneyDto)
  amount: MoneyDto;
}

export class PaymentInitiated extends PaymentEventData {}

export class PaymentSucceeded extends PaymentEventData {
  @IsString()
  chargeId: string;
}

export class PaymentFailed extends PaymentEventData {
  /** The provider's reason (`card_declined`), or `voided` when the order was cancelled before the charge. */
  @IsString()
  failureCode: string;
}

export class PaymentRefunded extends PaymentEventData {
  @IsUUID()
  refundId: string;

  @ValidateNested()
  @Type(() => MoneyDto)
  refunded: MoneyDto;

  /** All refunds of this payment so far, this one included. */
  @ValidateNested()
  @Type(() => MoneyDto)
  refundedTotal: MoneyDto;
}
