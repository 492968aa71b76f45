import { ApiProperty } from '@nestjs/swagger';
import { MoneyDto } from '../../common/money.dto';
import type { StockedDetail, StockedProduct, StockedProducts } from '../products.service';
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

  /** Its address in the shop, as in `/v1/products/by-slug/{slug}`. */
  slug: string;

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
      slug: product.slug,
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

  static override of(product: StockedDetail): ProductDetailDto {
    const { attributes, images, breadcrumbs } = product;
    return Object.assign(new ProductDetailDto(), ProductDto.of(product), { attributes, images, breadcrumbs });
  }
}

export class RelatedProductsDto {
  items: ProductDto[];

  static of(products: readonly StockedProduct[]): RelatedProductsDto {
    return Object.assign(new RelatedProductsDto(), { items: products.map((product) => ProductDto.of(product)) });
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
