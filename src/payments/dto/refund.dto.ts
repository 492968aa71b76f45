import { IsString, MaxLength, MinLength } from 'class-validator';
import { MoneyDto } from '../../common/money.dto';
import { Nested, Omittable, WithoutMarkup } from '../../http/field.decorators';

export class CreateRefundDto {
  /** All that is left of the payment when it is not given. */
  @Omittable()
  @Nested(() => MoneyDto)
  amount?: MoneyDto;

  @WithoutMarkup()
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  reason: string;
}

export class RefundDto {
  id: string;
  orderId: string;
  amount: MoneyDto;
  reason: string;

  /** The provider is asked in the background; the order's payment says when it is done. */
  status: 'requested';

  static of(refund: { id: string; orderId: string; amount: number; currency: string; reason: string }): RefundDto {
    const amount = MoneyDto.of(refund.amount, refund.currency);
    const { id, orderId, reason } = refund;
    return Object.assign(new RefundDto(), { id, orderId, amount, reason, status: 'requested' as const });
  }
}
