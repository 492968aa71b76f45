import { Type } from 'class-transformer';
import { toMinorUnits } from './money';
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

/** The columns of a row that hold totals. */
export interface TotalsRow {
  subtotal_amount: string;
  discount_amount: string;
  shipping_amount: string;
  tax_amount: string;
  total_amount: string;
  currency: string;
}

export function totalsOfRow(row: TotalsRow): Totals {
  return {
    subtotal: toMinorUnits(row.subtotal_amount),
    discount: toMinorUnits(row.discount_amount),
    shipping: toMinorUnits(row.shipping_amount),
    tax: toMinorUnits(row.tax_amount),
    total: toMinorUnits(row.total_amount),
    currency: row.currency,
  };
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
