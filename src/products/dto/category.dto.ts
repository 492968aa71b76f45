import { ApiProperty } from '@nestjs/swagger';
import type { CategoryNode } from '../products.types';

export class CategoryDto {
  id: string;
  name: string;

  @ApiProperty({ type: () => [CategoryDto] })
  children: CategoryDto[];

  static of({ id, name, children }: CategoryNode): CategoryDto {
    return Object.assign(new CategoryDto(), { id, name, children: children.map((child) => CategoryDto.of(child)) });
  }
}

export class CategoryTreeDto {
  items: CategoryDto[];

  static of(roots: readonly CategoryNode[]): CategoryTreeDto {
    return Object.assign(new CategoryTreeDto(), { items: roots.map((root) => CategoryDto.of(root)) });
  }
}
