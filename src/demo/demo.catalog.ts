import { createHash } from 'node:crypto';
import type { ImportedProduct } from '../products/product-entry.service';
import type { ImportedCategory } from '../products/categories.service';
import type { DemoDepartment, DemoModel, DemoShelf, DemoVariant } from './demo.types';
import { ELECTRONICS } from './electronics.catalog';
import { FASHION } from './fashion.catalog';
import { HOME } from './home.catalog';
import { KITCHEN } from './kitchen.catalog';
import { LEISURE } from './leisure.catalog';

const DEPARTMENTS: readonly DemoDepartment[] = [ELECTRONICS, HOME, KITCHEN, FASHION, LEISURE];

/** Every SKU of the demo begins so; nothing else of the shop does. */
export const DEMO_SKU_PREFIX = 'DEMO-';

export interface DemoCatalogue {
  categories: ImportedCategory[];
  products: ImportedProduct[];
}

function digest(name: string): Buffer {
  return createHash('sha1').update(`tradepost demo ${name}`).digest();
}

/** The same name has the same id on every machine, in the form of a name-based UUID (RFC 9562, version 5). */
function idOf(name: string): string {
  const bytes = digest(name).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Mostly plenty; about one in sixteen nearly gone and one in sixteen sold out, the same ones on every machine. */
function quantityOf(sku: string): number {
  const [kind = 0, amount = 0] = digest(`stock of ${sku}`);
  if (kind < 16) return 0;
  if (kind < 32) return 1 + (amount % 4);
  return 20 + (amount % 180);
}

function twoDigits(index: number): string {
  return String(index + 1).padStart(2, '0');
}

function productOf(
  shelf: DemoShelf,
  [model, modelIndex]: readonly [DemoModel, number],
  [variant, variantIndex]: readonly [DemoVariant, number],
): ImportedProduct {
  const sku = `${DEMO_SKU_PREFIX}${shelf.code}-${twoDigits(modelIndex)}${twoDigits(variantIndex)}`;
  return {
    id: idOf(sku),
    sku,
    name: `${model.name}, ${variant.name}`,
    description: model.description,
    price: model.price + (variant.surcharge ?? 0),
    categoryId: idOf(shelf.name),
    attributes: { model: model.name, variant: variant.name },
    imageUrl: `/static/images/${shelf.image}.svg`,
    quantity: quantityOf(sku),
  };
}

function productsOf(shelf: DemoShelf): ImportedProduct[] {
  return shelf.models.flatMap((model, modelIndex) =>
    shelf.variants.map((variant, variantIndex) => productOf(shelf, [model, modelIndex], [variant, variantIndex])),
  );
}

/** The whole demo shop: five departments, their shelves, and each model in each variant. */
export function demoCatalogue(): DemoCatalogue {
  return {
    categories: DEPARTMENTS.flatMap((department) => [
      { id: idOf(department.name), name: department.name, parentId: null },
      ...department.shelves.map(({ name }) => ({ id: idOf(name), name, parentId: idOf(department.name) })),
    ]),
    products: DEPARTMENTS.flatMap((department) => department.shelves.flatMap(productsOf)),
  };
}
