import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { inParameter, ValidationError } from '../../common/app-error';
import { PRODUCT_SORTS, type Paging, type ProductSort } from '../products.types';

/** Deeper pages cost more than anyone gains from them: whoever wants all of it exports it. */
const DEEPEST_ITEM = 10_000;

export class PageQueryDto {
  /** `page` times `pageSize` is 10 000 at most. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(DEEPEST_ITEM)
  page?: number = 1;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  pageSize?: number = 20;

  static paging({ page = 1, pageSize = 20 }: PageQueryDto): Paging {
    if (page * pageSize > DEEPEST_ITEM) {
      throw new ValidationError([inParameter('page', `page times pageSize must not be over ${DEEPEST_ITEM}`)]);
    }
    return { page, pageSize };
  }
}

export class ListProductsDto extends PageQueryDto {
  /** Products of this category and of all below it. */
  @IsOptional()
  @IsUUID()
  category?: string;

  @IsOptional()
  @IsIn(PRODUCT_SORTS)
  sort?: ProductSort;
}
