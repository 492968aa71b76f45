import type { EditedCategory } from '../products/category-editing.service';
import { PATH_SEPARATOR } from './product-row.mapper';

export const ROOT = '';

/** Where a row's category is: known, one of several, or to be made below `parentId` with these names. */
export type Place = { id: string } | { ambiguous: string } | { parentId: string | null; missing: readonly string[] };

/** The tree of categories as rows name it: by slug, or by names from the root down. */
export class CategoryPlaces {
  private readonly bySlug = new Map<string, string>();
  private readonly children = new Map<string, Map<string, string[]>>();

  constructor(categories: readonly EditedCategory[]) {
    for (const category of categories) this.add(category);
  }

  add({ id, name, slug, parentId }: EditedCategory): void {
    this.bySlug.set(slug, id);
    const siblings = this.children.get(parentId ?? ROOT) ?? new Map<string, string[]>();
    const key = name.trim();
    siblings.set(key, [...(siblings.get(key) ?? []), id]);
    this.children.set(parentId ?? ROOT, siblings);
  }

  find(text: string): Place {
    const id = this.bySlug.get(text);
    if (id !== undefined) return { id };
    const names = text.split(PATH_SEPARATOR).map((name) => name.trim());
    let parentId: string | null = null;
    for (const [depth, name] of names.entries()) {
      const found: string[] = this.children.get(parentId ?? ROOT)?.get(name) ?? [];
      if (found.length > 1) return { ambiguous: name };
      const [only] = found;
      if (only === undefined) return { parentId, missing: names.slice(depth) };
      parentId = only;
    }
    return parentId === null ? { parentId, missing: names } : { id: parentId };
  }
}
