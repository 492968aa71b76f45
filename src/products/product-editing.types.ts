/** A product as staff see it: all of it, whether on sale or not. */
export interface EditedProduct {
  id: string;
  sku: string;
  slug: string;
  name: string;
  description: string;
  /** Minor units. */
  price: number;
  currency: string;
  category: { id: string; name: string };
  imageUrl: string | null;
  attributes: Readonly<Record<string, string>>;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  deletedAt: Date | null;
}

/** What can be edited of it. */
export interface ProductFields {
  sku: string;
  slug: string;
  name: string;
  description: string;
  price: number;
  categoryId: string;
  imageUrl: string | null;
  attributes: Readonly<Record<string, string>>;
}

export function fieldsOf(product: EditedProduct): ProductFields {
  const { sku, slug, name, description, price, category, imageUrl, attributes } = product;
  return { sku, slug, name, description, price, categoryId: category.id, imageUrl, attributes };
}

/** Whether attributes are the same, in whatever order PostgreSQL gives them. */
export function inOrder(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is looked for; null does not limit. */
export interface EditedFilter {
  deleted: boolean | null;
  categoryId: string | null;
  sku: string | null;
}

export interface PriceChange {
  id: string;
  /** Minor units; null for the first. */
  oldPrice: number | null;
  newPrice: number;
  currency: string;
  actorId: string | null;
  changedAt: Date;
}
