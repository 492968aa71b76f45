import { IsString, Length } from 'class-validator';
import type { Suggestions } from '../search.types';

export class SuggestionsQueryDto {
  /** What is typed so far. */
  @IsString()
  @Length(1, 100)
  q: string;

  static text({ q }: SuggestionsQueryDto): string {
    return q.trim().replace(/\s+/g, ' ');
  }
}

export class SuggestedCategoryDto {
  id: string;
  name: string;
  slug: string;
}

export class SuggestedProductDto extends SuggestedCategoryDto {
  imageUrl: string | null;
}

export class SuggestionsDto {
  /** Texts to search for, the likeliest first. */
  queries: string[];
  categories: SuggestedCategoryDto[];
  products: SuggestedProductDto[];

  static of(suggestions: Suggestions): SuggestionsDto {
    return Object.assign(new SuggestionsDto(), suggestions);
  }
}
