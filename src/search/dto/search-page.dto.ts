import { MoneyDto } from '../../common/money.dto';
import { NumberedPageDto, ProductDto } from '../../products/dto/product.dto';
import type { FoundRecord, Paging, SearchRecords } from '../../products/products.service';
import { PRICE_STEPS } from '../search.queries';
import { markedHtml } from '../search-text.mapper';

export class HighlightDto {
  /** The name as HTML: escaped, with `<mark>` around what was looked for. */
  name: string;
}

export class FoundProductDto extends ProductDto {
  highlight: HighlightDto;

  static override withoutStock(product: FoundRecord): Omit<FoundProductDto, 'stock'> {
    return { ...ProductDto.withoutStock(product), highlight: { name: markedHtml(product.marked) } };
  }
}

export class SearchPageInfoDto extends NumberedPageDto {
  /** False when there are more than `total`: beyond some hundreds nobody counts. */
  totalIsExact: boolean;
}

export class CategoryFacetDto {
  id: string;
  name: string;
  slug: string;
  count: number;
}

export class PriceFacetDto {
  /** From here on. */
  min: MoneyDto;

  /** Below this; null of the last band. */
  max: MoneyDto | null;

  count: number;
}

export class AvailabilityFacetDto {
  inStock: number;
  soldOut: number;
}

export class FacetsDto {
  /** How many products the facets count. */
  counted: number;

  /** False when that is a sample: the numbers then tell proportions. */
  isExact: boolean;

  /** Twenty at most, the largest first. */
  categories: CategoryFacetDto[];
  prices: PriceFacetDto[];
  availability: AvailabilityFacetDto;

  static of({ facets, total, complete }: SearchRecords): FacetsDto {
    const counted = facets.inStock + facets.soldOut;
    return Object.assign(new FacetsDto(), {
      counted,
      isExact: complete && counted === total,
      categories: facets.categories,
      prices: facets.prices.map(({ band, count }) => {
        const to = PRICE_STEPS[band];
        return {
          min: MoneyDto.of((PRICE_STEPS[band - 1] ?? 0) * 100),
          max: to === undefined ? null : MoneyDto.of(to * 100),
          count,
        };
      }),
      availability: { inStock: facets.inStock, soldOut: facets.soldOut },
    });
  }
}

export class DidYouMeanDto {
  text: string;

  /** Nothing was found for what was asked, so these are the products for `text`. */
  applied: boolean;
}

export class SearchPageDto {
  items: FoundProductDto[];
  page: SearchPageInfoDto;
  facets: FacetsDto;
  didYouMean: DidYouMeanDto | null;

  /** What a page says beside its products. */
  static withoutItems(found: SearchRecords, paging: Paging): Omit<SearchPageDto, 'items'> {
    const { total, complete, didYouMean } = found;
    return { page: { ...paging, total, totalIsExact: complete }, facets: FacetsDto.of(found), didYouMean };
  }
}
