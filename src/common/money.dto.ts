import { IsIn, Matches } from 'class-validator';
import { SHOP_CURRENCY, toAmount, toMinorUnits } from './money';

/** Money on the wire, in REST and in events. */
export class MoneyDto {
  /** A decimal string with at most two places, as "19.99". */
  @Matches(/^\d{1,8}(\.\d{1,2})?$/, { message: 'must be a decimal string with at most two places, as "19.99"' })
  amount: string;

  /** ISO 4217; the shop has one currency for now. */
  @IsIn([SHOP_CURRENCY])
  currency: string;

  static of(minorUnits: number, currency = SHOP_CURRENCY): MoneyDto {
    return Object.assign(new MoneyDto(), { amount: toAmount(minorUnits), currency });
  }

  static minorUnits(money: MoneyDto): number {
    return toMinorUnits(money.amount);
  }
}
