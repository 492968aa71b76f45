import { IsInt, IsUUID, Max, Min } from 'class-validator';
import { Transform } from 'class-transformer';
import { SHOP_CURRENCY } from '../../common/money';
import { MoneyDto } from '../../common/money.dto';
import type { ProductCard } from '../../products/products.service';
import { MAX_QUANTITY } from '../cart.constants';
import type { CartLine } from '../cart.types';

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

/** What is not as it was. A price counts as seen when the line is added to or its quantity set, also to the same. */
export class CartChangesDto {
  /** The price that was seen, when today's is another one. */
  priceFrom?: MoneyDto;

  /** Off sale: shown as it last was, and not part of the subtotal. */
  unavailable?: boolean;

  /** Pieces that can be had, when the line asks for more. */
  onlyAvailable?: number;

  /** Undefined when nothing changed. */
  static of({ quantity, seenPrice }: CartLine, card: ProductCard): CartChangesDto | undefined {
    if (!card.onSale) return { unavailable: true };
    const changes = {
      ...(typeof seenPrice === 'number' && seenPrice !== card.unitPrice && { priceFrom: moneyOf(seenPrice) }),
      ...(quantity > card.available && { onlyAvailable: card.available }),
    };
    return Object.keys(changes).length > 0 ? changes : undefined;
  }
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

  /** Only when there are any. */
  changes?: CartChangesDto;
}

export class CartDto {
  items: CartItemDto[];
  subtotal: MoneyDto;

  /** A line off sale stays, and costs nothing; one of a product that never was is left out. */
  static of(items: readonly CartLine[], cards: readonly ProductCard[]): CartDto {
    const cardOf = new Map(cards.map((card) => [card.id, card]));
    let subtotal = 0;
    const lines = items.flatMap((item): CartItemDto[] => {
      const { productId, quantity } = item;
      const card = cardOf.get(productId);
      if (!card) return [];
      const { name, sku, unitPrice, onSale } = card;
      const lineTotal = unitPrice * quantity;
      if (onSale) subtotal += lineTotal;
      const changes = CartChangesDto.of(item, card);
      const prices = { unitPrice: moneyOf(unitPrice), quantity, lineTotal: moneyOf(lineTotal) };
      const available = onSale ? card.available : 0;
      return [{ productId, name, sku, ...prices, available, ...(changes && { changes }) }];
    });
    return Object.assign(new CartDto(), { items: lines, subtotal: moneyOf(subtotal) });
  }
}
