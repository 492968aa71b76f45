/**
 * Lists what runs low, the newest first, and fills it up:
 *
 *   SHOP_URL=https://localhost:8443 ADMIN_EMAIL=… ADMIN_PASSWORD=… node dist/examples/restock.js [up to] [at most so many products]
 */
import { bodyOf, ProblemError, signIn, type Schemas, type Tradepost } from '../src/client';

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
}

async function runningLow(shop: Tradepost, most: number): Promise<Schemas['Product'][]> {
  const low: Schemas['Product'][] = [];
  for (let page = 1, pages = 1; page <= pages && low.length < most; page += 1) {
    const list = bodyOf(await shop.GET('/v1/products', { params: { query: { page, pageSize: 100, sort: 'newest' } } }));
    pages = Math.ceil(list.page.total / list.page.pageSize);
    low.push(...list.items.filter(({ stock }) => stock.lowStock || stock.available === 0));
  }
  return low.slice(0, most);
}

/** Somebody may sell or count meanwhile: the shop refuses a quantity that is no longer the one we saw. */
async function fillUp(shop: Tradepost, productId: string, quantity: number): Promise<Schemas['Inventory']> {
  const path = { productId };
  const seen = bodyOf(await shop.GET('/v1/admin/inventory/{productId}', { params: { path } }));
  const body = { quantity: seen.reservedQuantity + quantity, expectedQuantity: seen.quantity, reason: 'Restocked' };
  return bodyOf(await shop.PATCH('/v1/admin/inventory/{productId}', { params: { path }, body }));
}

async function main(upTo: number, most: number): Promise<void> {
  const shop = await signIn(setting('SHOP_URL'), setting('ADMIN_EMAIL'), setting('ADMIN_PASSWORD'));
  for (const { id, sku, stock } of await runningLow(shop, most)) {
    try {
      const { quantity } = await fillUp(shop, id, upTo);
      console.log(`${sku}: ${stock.available} available, now ${quantity} on hand`);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.code !== 'inventory.changed') throw error;
      console.log(`${sku}: changed meanwhile, left alone`);
    }
  }
}

main(Number(process.argv[2] ?? 50), Number(process.argv[3] ?? 20)).catch((error: unknown) => {
  console.error(String(error));
  process.exitCode = 1;
});
