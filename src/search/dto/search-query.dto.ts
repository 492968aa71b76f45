import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import { toMinorUnits } from '../../common/money';
import { PageQueryDto } from '../../products/dto/product-queries.dto';
import type { ProductFilter, SearchSort } from '../../products/products.service';
import { SEARCH_SORTS } from '../search.types';

const AMOUNT = /^\d{1,8}(\.\d{1,2})?$/;
const AMOUNT_MESSAGE = { message: 'must be a decimal string with at most two places, as "19.99"' };

function toBoolean({ value }: { value: unknown }): unknown {
  return value === 'true' ? true : value === 'false' ? false : value;
}

export class SearchProductsDto extends PageQueryDto {
  /** Words as people write them; "quoted" together, -without. A SKU finds its product. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  q?: string;

  /** Products of this category and of all below it. */
  @IsOptional()
  @IsUUID()
  category?: string;

  /** Lowest price, as "19.99". */
  @IsOptional()
  @Matches(AMOUNT, AMOUNT_MESSAGE)
  @ApiPropertyOptional({ pattern: AMOUNT.source })
  minPrice?: string;

  /** Highest price, as "19.99". */
  @IsOptional()
  @Matches(AMOUNT, AMOUNT_MESSAGE)
  @ApiPropertyOptional({ pattern: AMOUNT.source })
  maxPrice?: string;

  /** Only what can be bought now, or only what cannot. */
  @IsOptional()
  @Transform(toBoolean)
  @IsBoolean()
  inStock?: boolean;

  @IsOptional()
  @IsIn(SEARCH_SORTS)
  sort?: SearchSort;

  static filter(query: SearchProductsDto): ProductFilter {
    const text = query.q?.trim().replace(/\s+/g, ' ');
    return {
      text: text ? text : null,
      categoryId: query.category?.toLowerCase() ?? null,
      minPrice: query.minPrice === undefined ? null : toMinorUnits(query.minPrice),
      maxPrice: query.maxPrice === undefined ? null : toMinorUnits(query.maxPrice),
      inStock: query.inStock ?? null,
    };
  }
}
