import { randomUUID } from 'node:crypto';
import type { Money, Visitor } from './shop';
import type { Stores } from './stores';

export interface ProductBody {
  id: string;
  sku: string;
  slug: string;
  name: string;
  description: string;
  price: Money;
  category: { id: string; name: string };
  imageUrl: string | null;
  stock: { available: number; lowStock: boolean };
  createdAt: string;
}

export interface ProductPage {
  items: ProductBody[];
  page: { page: number; pageSize: number; total: number };
}

export interface StockBody {
  productId: string;
  quantity: number;
  reservedQuantity: number;
  available: number;
  lowStock: boolean;
  updatedAt: string;
}

export const usd = (amount: string): Money => ({ amount, currency: 'USD' });

/** A category only this test knows, so that its lists hold nothing else. */
export async function ownCategory(stores: Stores, name: string, parentId: string | null = null): Promise<string> {
  const id = randomUUID();
  await stores.rows('products', `INSERT INTO categories (id, name, parent_id) VALUES ($1, $2, $3)`, [
    id,
    name,
    parentId,
  ]);
  return id;
}

export async function slugOf(stores: Stores, categoryId: string): Promise<string> {
  const text = `SELECT slug FROM categories WHERE id = $1`;
  return (await stores.row<{ slug: string }>('products', text, [categoryId])).slug;
}

/** The fields of a valid new product, with what the test cares about. */
export function newProduct(
  categoryId: string,
  fields: Partial<{ sku: string; name: string; description: string; price: Money }>,
) {
  return { sku: `T-${randomUUID()}`, name: 'Thing', description: '', price: usd('10.00'), categoryId, ...fields };
}

export async function setStock(admin: Visitor, productId: string, quantity: number): Promise<StockBody> {
  const { quantity: expectedQuantity } = await admin.get<StockBody>(`/v1/admin/inventory/${productId}`);
  const answer = await admin.send<StockBody>('PATCH', `/v1/admin/inventory/${productId}`, {
    quantity,
    expectedQuantity,
  });
  if (answer.status !== 200) throw new Error(`stocking answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
