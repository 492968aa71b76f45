import { MoneyDto } from '../../common/money.dto';
import type { StockedProduct, StockedProducts } from '../products.service';
import type { Paging } from '../products.types';

export class ProductCategoryDto {
  id: string;
  name: string;
}

export class ProductStockDto {
  /** What can be bought now: on hand and not set aside for others. */
  available: number;

  /** Few are left. */
  lowStock: boolean;
}

export class ProductDto {
  id: string;
  sku: string;
  name: string;
  description: string;
  price: MoneyDto;
  category: ProductCategoryDto;

  /** Relative to the shop, or absolute. */
  imageUrl: string | null;

  stock: ProductStockDto;
  createdAt: string;

  static of(product: StockedProduct): ProductDto {
    return Object.assign(new ProductDto(), {
      id: product.id,
      sku: product.sku,
      name: product.name,
      description: product.description,
      price: MoneyDto.of(product.price, product.currency),
      category: { id: product.category.id, name: product.category.name },
      imageUrl: product.imageUrl,
      stock: { available: product.stock.available, lowStock: product.stock.lowStock },
      createdAt: product.createdAt,
    });
  }
}

export class NumberedPageDto {
  /** From 1. */
  page: number;

  pageSize: number;

  /** Of all items, on whatever page. */
  total: number;
}

export class ProductPageDto {
  items: ProductDto[];
  page: NumberedPageDto;

  static of({ items, total }: StockedProducts, { page, pageSize }: Paging): ProductPageDto {
    return Object.assign(new ProductPageDto(), {
      items: items.map((item) => ProductDto.of(item)),
      page: { page, pageSize, total },
    });
  }
}
