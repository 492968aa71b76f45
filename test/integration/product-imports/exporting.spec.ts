import { randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { newProduct, ownCategory, type ProductBody } from '../../support/catalogue';
import { Shop } from '../../support/shop';
import { Stores } from '../../support/stores';
import { ImportDesk } from './import-desk';

describe('exporting products', () => {
  const shop = new Shop();
  const stores = new Stores();
  let desk: ImportDesk;

  beforeAll(async () => {
    desk = new ImportDesk(await shop.admin());
  });
  afterAll(() => stores.close());

  const dangerous = [
    '=1+1',
    '+SUM(A1)',
    '-2',
    '@cmd',
    "'=1",
    "''=1",
    ' leading blank',
    'quote " and, comma',
    'two\r\nlines',
  ];

  it('gives a file that changes nothing when it is imported again', async () => {
    const category = await ownCategory(stores, 'Café > Bar');
    for (const name of dangerous) {
      const entry = newProduct(category, {
        name,
        description: `${name}\n=2+2`,
        sku: `${name.trim().replace(/\s/g, '')}-${randomUUID()}`,
      });
      const { id } = await desk.admin.post<ProductBody>('/v1/admin/products', entry);
      const attributes = { colour: name.trim() };
      await desk.admin.send('PATCH', `/v1/admin/products/${id}`, { attributes }, { 'if-match': '*' });
    }
    const state = () =>
      stores.rows(
        'products',
        `SELECT id, products.version, quantity FROM products LEFT JOIN inventory ON product_id = id ORDER BY id`,
      );
    const before = await state();
    const file = await desk.text('/v1/admin/products/export');
    const again = await desk.run(file);
    expect(await desk.failures(again.id)).toEqual([]);
    expect(again).toMatchObject({ created: 0, updated: 0, failed: 0 });
    expect(again.unchanged).toBeGreaterThanOrEqual(dangerous.length);
    expect(await state()).toEqual(before);
    expect(await desk.text('/v1/admin/products/export')).toBe(file);
  });

  it('has no cell that a spreadsheet would run', async () => {
    const file = await desk.text('/v1/admin/products/export');
    expect(file.startsWith('\ufeffsku,name,description,price,currency,category,quantity,image_url,')).toBe(true);
    const cells: string[] = parse(file, { bom: true }).flat();
    expect(cells).toContain(`'=1+1`);
    expect(cells.filter((cell) => /^[=+@\t\r-]/.test(cell))).toEqual([]);
  });

  it('has an empty cell for an attribute that a product has not, whatever its name', async () => {
    const category = await ownCategory(stores, 'Oddly named');
    const products = [newProduct(category, {}), newProduct(category, {})];
    const [odd, plain] = await Promise.all(
      products.map((entry) => desk.admin.post<ProductBody>('/v1/admin/products', entry)),
    );
    const names = ['attr:constructor', 'attr:toString'];
    expect(await desk.run(`sku,${names.join()}\n${odd?.sku ?? ''},Bauhaus,string\n`)).toMatchObject({ updated: 1 });
    const [header = [], ...rows]: string[][] = parse(await desk.text('/v1/admin/products/export'), { bom: true });
    const cellsOf = (sku?: string) => {
      const row = rows.find(([first]) => first === sku);
      return names.map((name) => row?.[header.indexOf(name)]);
    };
    expect(cellsOf(odd?.sku)).toEqual(['Bauhaus', 'string']);
    expect(cellsOf(plain?.sku)).toEqual(['', '']);
  });

  it('leaves out what is off sale', async () => {
    const category = await ownCategory(stores, 'Gone');
    const product = await desk.admin.post<ProductBody>('/v1/admin/products', newProduct(category, {}));
    expect(await desk.text('/v1/admin/products/export')).toContain(product.sku);
    await desk.admin.send('DELETE', `/v1/admin/products/${product.id}`);
    expect(await desk.text('/v1/admin/products/export')).not.toContain(product.sku);
  });
});
