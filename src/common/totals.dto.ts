import { Type } from 'class-transformer';
import { MoneyDto } from './money.dto';

/** What an order costs, in minor units: `total` = subtotal - discount + shipping + tax. */
export interface Totals {
  subtotal: number;
  discount: number;
  shipping: number;
  tax: number;
  total: number;
  currency: string;
}

/** Totals on the wire. */
export class TotalsDto {
  @Type(() => MoneyDto)
  subtotal: MoneyDto;

  @Type(() => MoneyDto)
  discount: MoneyDto;

  @Type(() => MoneyDto)
  shipping: MoneyDto;

  @Type(() => MoneyDto)
  tax: MoneyDto;

  @Type(() => MoneyDto)
  total: MoneyDto;

  static of(totals: Totals): TotalsDto {
    const { currency } = totals;
    return Object.assign(new TotalsDto(), {
      subtotal: MoneyDto.of(totals.subtotal, currency),
      discount: MoneyDto.of(totals.discount, currency),
      shipping: MoneyDto.of(totals.shipping, currency),
      tax: MoneyDto.of(totals.tax, currency),
      total: MoneyDto.of(totals.total, currency),
    });
  }
}
