import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, Length, Matches, MaxLength } from 'class-validator';
import { ValidateIf } from 'class-validator';
import { MoneyDto } from '../../common/money.dto';
import { CursorPageDto, CursorQuery } from '../../common/pagination.dto';
import { Nested, NoMarkup, Omittable, WithoutMarkup } from '../../http/field.decorators';
import type { EditedFilter, EditedProduct, PriceChange, ProductFields } from '../product-editing.types';
import type { PriceHistory } from '../product-editing.service';
import { Attributes, ATTRIBUTES_SCHEMA } from './attributes.dto';
import { ProductCategoryDto } from './product.dto';
import { Slug } from './slug.dto';

const DELETED = ['true', 'false', 'all'] as const;

export class ListEditedProductsQuery extends CursorQuery {
  /** Those off sale, those on sale (the default), or all. */
  @IsOptional()
  @IsIn(DELETED)
  deleted?: (typeof DELETED)[number];

  /** Products right in this category. */
  @IsOptional()
  @IsUUID()
  category?: string;

  @IsOptional()
  @IsString()
  @MaxLength(100)
  @Matches(/^\P{Cc}*$/u, { message: 'must not contain control characters' })
  sku?: string;

  static filter({ deleted = 'false', category, sku }: ListEditedProductsQuery): EditedFilter {
    return {
      deleted: deleted === 'all' ? null : deleted === 'true',
      categoryId: category ?? null,
      sku: sku ?? null,
    };
  }
}

export class EditProductDto {
  /** Unique in the shop. */
  @Omittable()
  @IsString()
  @Length(1, 100)
  @Matches(/^\S(.*\S)?$/, { message: 'must not begin or end with a space' })
  @NoMarkup()
  sku?: string;

  /** Its address in the shop; it does not change with the name. */
  @Omittable()
  @Slug()
  slug?: string;

  @Omittable()
  @WithoutMarkup()
  @IsString()
  @Length(1, 255)
  @Matches(/\S/, { message: 'must not be blank' })
  name?: string;

  @Omittable()
  @WithoutMarkup()
  @IsString()
  @MaxLength(10_000)
  description?: string;

  @Omittable()
  @Nested(() => MoneyDto)
  price?: MoneyDto;

  @Omittable()
  @IsUUID()
  categoryId?: string;

  /** A path of this shop or an https address; of a product with images it is the first of them. */
  @ValidateIf((_, value: unknown) => value !== undefined && value !== null)
  @NoMarkup()
  @IsString()
  @MaxLength(500)
  @Matches(/^(https:\/\/\S+|\/\S*)$/, { message: 'must be a path or an https address' })
  imageUrl?: string | null;

  /** All of them anew, as `{"colour": "red"}`. */
  @ApiPropertyOptional(ATTRIBUTES_SCHEMA)
  @Omittable()
  @Attributes()
  attributes?: Record<string, string>;

  /** What was given; the rest stays as it is. */
  static change(body: EditProductDto): Partial<ProductFields> {
    const { sku, slug, name, description, imageUrl, attributes } = body;
    const price = body.price ? MoneyDto.minorUnits(body.price) : undefined;
    const given = {
      sku,
      slug,
      name,
      description,
      price,
      categoryId: body.categoryId?.toLowerCase(),
      imageUrl,
      attributes,
    };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  }
}

export class EditedProductDto {
  id: string;
  sku: string;
  slug: string;
  name: string;
  description: string;
  price: MoneyDto;
  category: ProductCategoryDto;
  imageUrl: string | null;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  attributes: Record<string, string>;

  /** Its ETag, without quotes. */
  version: number;

  createdAt: string;
  updatedAt: string;

  /** Off sale since then. */
  deletedAt: string | null;

  static of(product: EditedProduct): EditedProductDto {
    return Object.assign(new EditedProductDto(), {
      id: product.id,
      sku: product.sku,
      slug: product.slug,
      name: product.name,
      description: product.description,
      price: MoneyDto.of(product.price, product.currency),
      category: { id: product.category.id, name: product.category.name },
      imageUrl: product.imageUrl,
      attributes: product.attributes,
      version: product.version,
      createdAt: product.createdAt.toISOString(),
      updatedAt: product.updatedAt.toISOString(),
      deletedAt: product.deletedAt?.toISOString() ?? null,
    });
  }
}

export class EditedProductsDto {
  items: EditedProductDto[];
  page: CursorPageDto;
}

export class PriceChangeDto {
  /** Null for the first. */
  oldPrice: MoneyDto | null;

  newPrice: MoneyDto;

  /** The member of staff, if one did it. */
  actorId: string | null;

  changedAt: string;

  static of({ oldPrice, newPrice, currency, actorId, changedAt }: PriceChange): PriceChangeDto {
    return Object.assign(new PriceChangeDto(), {
      oldPrice: oldPrice === null ? null : MoneyDto.of(oldPrice, currency),
      newPrice: MoneyDto.of(newPrice, currency),
      actorId,
      changedAt: changedAt.toISOString(),
    });
  }
}

export class PriceHistoryDto {
  items: PriceChangeDto[];
  page: CursorPageDto;

  /** The lowest price that was asked within the last 30 days. */
  lowestOf30Days: MoneyDto | null;

  static of({ items, page, lowest }: PriceHistory): PriceHistoryDto {
    return Object.assign(new PriceHistoryDto(), {
      items: items.map((item) => PriceChangeDto.of(item)),
      page,
      lowestOf30Days: lowest === null ? null : MoneyDto.of(lowest),
    });
  }
}
