import { DEMO_CATEGORY, DEMO_CUSTOMER, DEMO_PRODUCT } from '../../common/demo-data';
import { objectsIn, operationsOf, type Json } from './json';

/** What stands in a path in the place of its parameter, where the demo has one. */
const IN_PATHS: readonly (readonly [RegExp, string])[] = [
  [/\/products\/\{id\}/, DEMO_PRODUCT.id],
  [/\/\{productId\}/, DEMO_PRODUCT.id],
  [/\/products\/by-slug\/\{slug\}/, DEMO_PRODUCT.slug],
  [/\/categories\/\{id\}/, DEMO_CATEGORY.id],
  [/\/categories\/by-slug\/\{slug\}/, DEMO_CATEGORY.slug],
  [/\/addresses\/\{id\}/, DEMO_CUSTOMER.addressId],
  [/\/problems\/\{code\}/, 'checkout.out_of_stock'],
];

/** Nobody should delete the demo by clicking; what lies in a cart is put there again. */
const isKept = (path: string, method: string): boolean => method === 'delete' && !path.startsWith('/v1/cart');

function exampleOf(parameter: Json, path: string, method: string): unknown {
  if (parameter['in'] === 'query' && parameter['name'] === 'q') return 'lamp';
  if (parameter['in'] !== 'path' || isKept(path, method)) return undefined;
  const name = `{${String(parameter['name'])}}`;
  return IN_PATHS.find(([place]) => place.exec(path)?.[0].endsWith(name))?.[1];
}

/** Parameters as the demo has them: Swagger UI fills its forms with these. */
export function describeParameters(document: Json): void {
  for (const { path, method, operation } of operationsOf(document)) {
    for (const parameter of objectsIn(operation['parameters'])) {
      const example = exampleOf(parameter, path, method);
      if (example !== undefined) parameter['example'] ??= example;
    }
  }
}
