import { IsOptional, IsUUID, ValidateIf } from 'class-validator';
import { OneLine, Omittable } from '../../http/field.decorators';
import type { EditedCategory } from '../category-editing.service';
import { Slug } from './slug.dto';

export class NewCategoryDto {
  @OneLine(255)
  name: string;

  /** Left out or null: a root. */
  @IsOptional()
  @IsUUID()
  parentId?: string | null;

  /** Its address in the shop; made of the name when left out. */
  @Omittable()
  @Slug()
  slug?: string;
}

export class EditCategoryDto {
  @Omittable()
  @OneLine(255)
  name?: string;

  /** Moves it with all below it; null makes it a root. */
  @ValidateIf((_, value: unknown) => value !== undefined && value !== null)
  @IsUUID()
  parentId?: string | null;

  @Omittable()
  @Slug()
  slug?: string;
}

export class EditedCategoryDto {
  id: string;
  name: string;

  /** Its address in the shop. */
  slug: string;

  parentId: string | null;

  /** Its ETag, without quotes. */
  version: number;

  static of({ id, name, slug, parentId, version }: EditedCategory): EditedCategoryDto {
    return Object.assign(new EditedCategoryDto(), { id, name, slug, parentId, version });
  }
}

export class EditedCategoriesDto {
  items: EditedCategoryDto[];
}
