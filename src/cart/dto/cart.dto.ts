import { IsInt, IsUUID, Max, Min } from 'class-validator';
import { Transform } from 'class-transformer';
import { SHOP_CURRENCY } from '../../common/money';
import { MoneyDto } from '../../common/money.dto';
import type { ProductCard } from '../../products/products.service';
import { MAX_QUANTITY } from '../cart.constants';
import type { CartItem } from '../cart.repository';

export class AddItemDto {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value))
  @IsUUID()
  productId: string;

  @IsInt()
  @Min(1)
  @Max(MAX_QUANTITY)
  quantity: number;
}

export class SetQuantityDto {
  @IsInt()
  @Min(1)
  @Max(MAX_QUANTITY)
  quantity: number;
}

/** Unlike an order, a cart may be worth more than DECIMAL(10,2) holds: it is shown, and no order comes of it. */
function moneyOf(minorUnits: number): MoneyDto {
  const amount = `${Math.trunc(minorUnits / 100)}.${String(minorUnits % 100).padStart(2, '0')}`;
  return Object.assign(new MoneyDto(), { amount, currency: SHOP_CURRENCY });
}

export class CartItemDto {
  productId: string;
  name: string;
  sku: string;
  unitPrice: MoneyDto;
  quantity: number;
  lineTotal: MoneyDto;

  /** Pieces that can be had right now. */
  available: number;
}

export class CartDto {
  items: CartItemDto[];
  subtotal: MoneyDto;

  /** A product that is not sold any more has no card, and its line is left out. */
  static of(items: readonly CartItem[], cards: readonly ProductCard[]): CartDto {
    const cardOf = new Map(cards.map((card) => [card.id, card]));
    let subtotal = 0;
    const lines = items.flatMap(({ productId, quantity }): CartItemDto[] => {
      const card = cardOf.get(productId);
      if (!card) return [];
      const { name, sku, unitPrice, available } = card;
      const lineTotal = unitPrice * quantity;
      subtotal += lineTotal;
      return [
        { productId, name, sku, unitPrice: moneyOf(unitPrice), quantity, lineTotal: moneyOf(lineTotal), available },
      ];
    });
    return Object.assign(new CartDto(), { items: lines, subtotal: moneyOf(subtotal) });
  }
}
