import { ApiProperty } from '@nestjs/swagger';
import { MoneyDto } from '../../common/money.dto';
import type { ProductDetail, ProductRecord } from '../products.types';

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

  /** Its address in the shop, as in `/v1/products/by-slug/{slug}`. */
  slug: string;

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
      slug: product.slug,
      name: product.name,
      description: product.description,
      price: MoneyDto.of(product.price, product.currency),
      category: { id: product.category.id, name: product.category.name },
      imageUrl: product.imageUrl,
      createdAt: product.createdAt,
    };
  }
}

export class ProductImageDto {
  /** Relative to the shop, or absolute. */
  url: string;

  /** What it shows, for those who cannot see it. */
  alt: string;

  /** Pixels; null when unknown. */
  width: number | null;

  height: number | null;
}

export class BreadcrumbDto {
  id: string;
  name: string;
  slug: string;
}

export class ProductDetailDto extends ProductDto {
  /** What sets it apart, as `{"colour": "red"}`. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  attributes: Record<string, string>;

  images: ProductImageDto[];

  /** From the root of the tree down to its category. */
  breadcrumbs: BreadcrumbDto[];

  static override withoutStock(product: ProductDetail): Omit<ProductDetailDto, 'stock'> {
    const { attributes, images, breadcrumbs } = product;
    return { ...ProductDto.withoutStock(product), attributes, images, breadcrumbs };
  }

  static of(product: ProductDetail, { available, lowStock }: ProductStockDto): ProductDetailDto {
    const stock = { available, lowStock };
    return Object.assign(new ProductDetailDto(), ProductDetailDto.withoutStock(product), { stock });
  }
}

export class RelatedProductsDto {
  items: ProductDto[];
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
