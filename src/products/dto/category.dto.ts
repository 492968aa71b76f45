import { ApiProperty } from '@nestjs/swagger';
import type { CategoryNode, CategoryPage } from '../products.types';
import { BreadcrumbDto } from './product.dto';

export class CategoryDto {
  id: string;
  name: string;
  slug: string;

  @ApiProperty({ type: () => [CategoryDto] })
  children: CategoryDto[];

  static of({ id, name, slug, children }: CategoryNode): CategoryDto {
    return Object.assign(new CategoryDto(), {
      id,
      name,
      slug,
      children: children.map((child) => CategoryDto.of(child)),
    });
  }
}

export class CategoryTreeDto {
  items: CategoryDto[];

  static of(roots: readonly CategoryNode[]): CategoryTreeDto {
    return Object.assign(new CategoryTreeDto(), { items: roots.map((root) => CategoryDto.of(root)) });
  }
}

export class CategoryChildDto extends BreadcrumbDto {
  /** On sale in it and below it. */
  productCount: number;
}

export class CategoryPageDto extends CategoryChildDto {
  /** From the root down to the category itself. */
  breadcrumbs: BreadcrumbDto[];

  children: CategoryChildDto[];

  static of(page: CategoryPage): CategoryPageDto {
    return Object.assign(new CategoryPageDto(), page);
  }
}
