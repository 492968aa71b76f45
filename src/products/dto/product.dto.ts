import { MoneyDto } from '../../common/money.dto';
import type { ProductRecord } from '../products.types';

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

  createdAt: string;
  stock: ProductStockDto;

  /** The one place where a product becomes what customers see; its stock is added where it is known. */
  static withoutStock(product: ProductRecord): Omit<ProductDto, 'stock'> {
    return {
      id: product.id,
      sku: product.sku,
      name: product.name,
      description: product.description,
      price: MoneyDto.of(product.price, product.currency),
      category: { id: product.category.id, name: product.category.name },
      imageUrl: product.imageUrl,
      createdAt: product.createdAt,
    };
  }

  static of(product: ProductRecord, { available, lowStock }: ProductStockDto): ProductDto {
    return Object.assign(new ProductDto(), ProductDto.withoutStock(product), { stock: { available, lowStock } });
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
}
