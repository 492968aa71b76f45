import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { CHANGE_MARK } from '../../../src/cache/cache.scripts';
import {
  newProduct,
  ownCategory,
  setStock,
  slugOf,
  usd,
  type ProductBody,
  type StockBody,
} from '../../support/catalogue';
import { eventually } from '../../support/eventually';
import { Shop } from '../../support/shop';
import { Stores } from '../../support/stores';
import { whileLocked } from '../../support/table-lock';
import { ImportDesk, uniqueSku } from './import-desk';

describe('importing products', () => {
  const shop = new Shop();
  const stores = new Stores();
  let desk: ImportDesk;
  let slug: string;
  let category: string;

  beforeAll(async () => {
    desk = new ImportDesk(await shop.admin());
    category = await ownCategory(stores, `Imported ${randomUUID()}`);
    slug = await slugOf(stores, category);
  });
  afterAll(() => stores.close());

  const bySku = (sku: string) =>
    stores.row<{ id: string; name: string; price: string; slug: string; attributes: object; version: number }>(
      'products',
      `SELECT id, name, price, slug, attributes, version FROM products WHERE sku = $1`,
      [sku],
    );
  const create = async (fields = {}) =>
    desk.admin.post<ProductBody>('/v1/admin/products', newProduct(category, fields));

  it('creates, updates and leaves alone, and tells each row that is wrong with its line', async () => {
    const same = await create({ price: usd('10.00') });
    const other = await create({ price: usd('10.00') });
    const fresh = uniqueSku();
    const file = [
      'sku,name,price,category,quantity,attr:colour',
      `${fresh},"A ""big""\nmug",5.5,${slug},7,red`,
      `${same.sku},,,,,`,
      '',
      `${other.sku},Renamed,12.00,,,`,
      `${uniqueSku()},No price,,${slug},1,`,
      `${uniqueSku()},Bad price,1.999,${slug},1,`,
      `${uniqueSku()},No such category,1,nowhere,1,`,
      `,No SKU,1,${slug},1,`,
      `${uniqueSku()},Too few`,
    ].join('\r\n');
    const job = await desk.run(file);
    expect(job).toMatchObject({
      rowsReceived: 8,
      rowsRead: 8,
      created: 1,
      updated: 1,
      unchanged: 1,
      failed: 5,
    });
    const failures = await desk.failures(job.id);
    expect(failures.map(({ line, field }) => [line, field])).toEqual([
      [7, 'price'],
      [8, 'price'],
      [9, 'category'],
      [10, 'sku'],
      [11, null],
    ]);
    expect(failures[4]?.message).toBe('has 2 cells where the header has 6');
    const csv = await desk.text(`/v1/admin/imports/${job.id}/errors.csv`);
    expect(csv.split('\r\n').slice(0, 2)).toEqual([
      '\ufeffline,sku,field,message',
      `7,${failures[0]?.sku ?? ''},price,must not be empty for a new product`,
    ]);

    expect(await bySku(fresh)).toMatchObject({ name: 'A "big"\nmug', price: '5.50', attributes: { colour: 'red' } });
    expect(await bySku(same.sku)).toMatchObject({ version: 1 });
    const renamed = await desk.admin.get<ProductBody>(`/v1/products/${other.id}`);
    expect(renamed).toMatchObject({ name: 'Renamed', price: usd('12.00') });
  });

  it('sets what is on hand: ledger, event and trail in the same transaction; never below what is set aside', async () => {
    const { id, sku } = await shop.product(9);
    const buyer = await shop.customer();
    await buyer.addToCart(id, 3);
    await buyer.checkout(await buyer.address());
    const refused = await desk.run(`sku,name,quantity\n${sku},Must not be,2\n`);
    expect(refused).toMatchObject({ failed: 1, updated: 0 });
    expect((await desk.failures(refused.id))[0]?.message).toContain('below the 3 that are set aside');
    expect((await bySku(sku)).name).not.toBe('Must not be');

    const job = await desk.run(`sku,quantity\n${sku},4\n`);
    expect(job).toMatchObject({ updated: 1 });
    const stock = await desk.admin.get<StockBody>(`/v1/admin/inventory/${id}`);
    expect(stock).toMatchObject({ quantity: 4, reservedQuantity: 3, available: 1 });
    const ledger = await stores.rows(
      'products',
      `SELECT delta, cause, actor_id FROM stock_movements WHERE product_id = $1 ORDER BY id`,
      [id],
    );
    expect(ledger).toEqual([
      { delta: 9, cause: 'admin', actor_id: desk.admin.userId },
      { delta: -5, cause: 'import', actor_id: desk.admin.userId },
    ]);
    const events = await stores.rows<{ type: string; data: { quantity: number; cause: string } }>(
      'products',
      `SELECT type, data FROM outbox WHERE subject = $1 ORDER BY position DESC LIMIT 2`,
      [id],
    );
    expect(events).toMatchObject([
      { type: 'inventory.low_stock' },
      { type: 'inventory.updated', data: { quantity: 4, cause: 'import' } },
    ]);
    const trail = await stores.rows(
      'products',
      `SELECT action, before, after FROM audit_log WHERE subject_id = $1 AND action = 'inventory.imported'`,
      [id],
    );
    expect(trail).toEqual([{ action: 'inventory.imported', before: { quantity: 9 }, after: { quantity: 4 } }]);
    expect((await desk.run(`sku,quantity\n${sku},4\n`)).unchanged).toBe(1);
  });

  it('makes categories of a path when asked to, each once', async () => {
    const root = `Root ${randomUUID()}`;
    const rows = ['A', 'A', 'B'].map((leaf) => `${uniqueSku()},Thing,1,${root} > Middle > ${leaf}`);
    const file = ['sku,name,price,category', ...rows].join('\n');
    expect(await desk.run(file)).toMatchObject({ created: 0, failed: 3 });
    expect(await desk.run(file, '?createCategories=true')).toMatchObject({ created: 3, failed: 0 });
    const made = await stores.rows<{ name: string }>(
      'products',
      `WITH RECURSIVE tree AS (
         SELECT id, name FROM categories WHERE name = $1
         UNION ALL
         SELECT child.id, child.name FROM categories child JOIN tree ON child.parent_id = tree.id)
       SELECT name FROM tree ORDER BY name`,
      [root],
    );
    expect(made.map(({ name }) => name)).toEqual(['A', 'B', 'Middle', root]);
    expect(await desk.run(file)).toMatchObject({ unchanged: 3 });
    await ownCategory(stores, root);
    const unclear = await desk.run(`sku,name,price,category\n${uniqueSku()},Thing,1,${root} > Middle\n`);
    expect((await desk.failures(unclear.id))[0]).toMatchObject({ field: 'category', line: 2 });
  });

  it('keeps nothing of a dry run but what it found', async () => {
    const { sku } = await create({ name: 'Before' });
    const fresh = uniqueSku();
    const file = `sku,name,price,category\n${sku},After,,\n${fresh},New,1,Dry ${fresh}\n${uniqueSku()},Bad,x,${slug}\n`;
    const job = await desk.run(file, '?dryRun=true&createCategories=true');
    expect(job).toMatchObject({ dryRun: true, created: 1, updated: 1, failed: 1 });
    expect(await desk.failures(job.id)).toMatchObject([{ line: 4, field: 'price' }]);
    expect(await bySku(sku)).toMatchObject({ name: 'Before', version: 1 });
    expect(await stores.rows('products', `SELECT 1 FROM products WHERE sku = $1`, [fresh])).toEqual([]);
    expect(await stores.rows('products', `SELECT 1 FROM categories WHERE name = $1`, [`Dry ${fresh}`])).toEqual([]);
    const trail = `SELECT action FROM audit_log WHERE after ->> 'sku' = $1 OR subject_id = $2 ORDER BY position`;
    expect(await stores.rows('products', trail, [fresh, job.id])).toEqual([
      { action: 'import.queued' },
      { action: 'import.done' },
    ]);
  });

  it('tells nobody of the stock of a dry run', async () => {
    const { id, sku } = await shop.product(9);
    const told = () =>
      stores.row(
        'products',
        `SELECT count(*)::int AS events
         FROM outbox
         WHERE subject = $1 OR type LIKE 'inventory.%' AND NOT EXISTS (SELECT FROM products WHERE id = subject)`,
        [id],
      );
    const before = await told();
    const file = `sku,name,price,category,quantity\n${sku},,,,4\n${uniqueSku()},Thing,1,${slug},5\n`;
    expect(await desk.run(file, '?dryRun=true')).toMatchObject({ created: 1, updated: 1, failed: 0 });
    expect(await desk.admin.get<StockBody>(`/v1/admin/inventory/${id}`)).toMatchObject({ quantity: 9 });
    expect(await told()).toEqual(before);
  });

  it('does several rows of one product in their order, and a price has its history', async () => {
    const sku = uniqueSku();
    const file = `sku,name,price,category\n${sku},One,1,${slug}\n${sku},Two,2,\n${sku},Three,3,\n`;
    expect(await desk.run(file)).toMatchObject({ created: 1, updated: 2 });
    const { id, name, slug: address } = await bySku(sku);
    expect([name, address]).toEqual(['Three', expect.stringMatching(/^one(-|$)/)]);
    const prices = await stores.rows<{ new_price: string; actor_id: string }>(
      'products',
      `SELECT new_price, actor_id FROM price_history WHERE product_id = $1 ORDER BY id`,
      [id],
    );
    expect(prices).toEqual(
      ['1.00', '2.00', '3.00'].map((price) => ({ new_price: price, actor_id: desk.admin.userId })),
    );
  });

  it('reports rows of products off sale', async () => {
    const { id, sku } = await create();
    await desk.admin.send('DELETE', `/v1/admin/products/${id}`);
    const job = await desk.run(`sku,name\n${sku},Other\n`);
    expect(await desk.failures(job.id)).toMatchObject([{ line: 2, sku, field: 'sku' }]);
  });

  it.each([
    ['a mark at the start', '\ufeff', '\n'],
    ['lines of Windows', '', '\r\n'],
    ['lines of old Macs', '', '\r'],
    ['no break at the end', '', '\n'],
  ])('reads a file with %s', async (_, start, end) => {
    const sku = uniqueSku();
    const file = `${start}SKU,Name,price,category${end}"${sku}","Ünïcödé, ""quoted""",1.00,${slug}`;
    expect(await desk.run(file)).toMatchObject({ created: 1 });
    expect((await bySku(sku)).name).toBe('Ünïcödé, "quoted"');
  });

  it.each([
    ['UTF-16', Buffer.from('\ufeffsku,name\n1,x\n', 'utf16le'), 'import.encoding'],
    ['UTF-16 without a mark', Buffer.from('sku,name\n1,x\n', 'utf16le'), 'import.encoding'],
    ['Windows-1252', Buffer.from('sku,name\n1,M\xfcsli\n', 'latin1'), 'import.encoding'],
    ['a spreadsheet', Buffer.from('504b0304140006000800', 'hex'), 'import.encoding'],
    ['nothing', Buffer.alloc(0), 'import.columns'],
    ['no SKU', Buffer.from('name\nx\n'), 'import.columns'],
    ['semicolons', Buffer.from('sku;name\n1;x\n'), 'import.columns'],
    ['a column twice', Buffer.from('sku,name,name\n1,x,y\n'), 'import.columns'],
    ['an unknown column', Buffer.from('sku,colour\n1,x\n'), 'import.columns'],
    ['an open quote', Buffer.from('sku,name\n1,x\n2,"y\n3,z\n'), 'import.malformed'],
    ['a quote within', Buffer.from('sku,name\n1,x\n2,a"y"\n'), 'import.malformed'],
  ])('refuses a file that is %s, at once and without a trace', async (_, file, code) => {
    const count = () => stores.row('products', `SELECT count(*)::int AS jobs FROM import_jobs`);
    const before = await count();
    const answer = await desk.send(file);
    expect(answer).toMatchObject({ status: 400, body: { code } });
    if (code === 'import.malformed') expect(answer.body).toMatchObject({ line: 3 });
    expect(await count()).toEqual(before);
  });

  it('forgets an upload that breaks off', async () => {
    const mine = () =>
      stores.rows('products', `SELECT state FROM import_jobs WHERE columns::text LIKE $1`, [`%attr:x${mark}%`]);
    const mark = randomUUID().slice(0, 8);
    const target = new URL('/v1/admin/imports', shop.stack.apiUrls[0]);
    const headers = { authorization: `Bearer ${desk.admin.token ?? ''}`, 'content-type': 'text/csv' };
    const upload = request(target, { method: 'POST', headers });
    upload.on('error', () => undefined);
    upload.write(`sku,attr:x${mark}\n${Array.from({ length: 2_000 }, (_, i) => `${i},y`).join('\n')}`);
    await eventually('it to be received', async () => (await mine()).length > 0);
    upload.destroy();
    await eventually('it to be forgotten', async () => (await mine()).length === 0);
  });

  it('is told of by OpenAPI', async () => {
    const { paths } = await shop.visitor(0).get<{ paths: Record<string, Record<string, object>> }>('/docs-json');
    expect(paths['/v1/admin/imports']?.['post']).toMatchObject({
      requestBody: {
        content: {
          'text/csv': { schema: { type: 'string' } },
          'multipart/form-data': { schema: { properties: { file: { type: 'string', format: 'binary' } } } },
        },
      },
      responses: { '202': {} },
    });
    expect(paths['/v1/admin/products/export']?.['get']).toMatchObject({
      responses: { '200': { content: { 'text/csv': { schema: { type: 'string' } } } } },
    });
    expect(paths['/v1/admin/products/{id}']?.['patch']).toMatchObject({
      parameters: expect.arrayContaining([expect.objectContaining({ name: 'If-Match', required: true })]),
    });
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/v1/admin/audit-log',
        '/v1/admin/categories/{id}',
        '/v1/admin/products/{id}/images',
        '/v1/admin/products/{id}/price-history',
        '/v1/admin/imports/{id}/errors.csv',
      ]),
    );
  });

  it('takes a form as well, and the same key once', async () => {
    const form = () => {
      const data = new FormData();
      data.set('file', new Blob([`sku,name,price,category\n${sku},Thing,1,${slug}\n`]), '../products.csv');
      return data;
    };
    const sku = uniqueSku();
    const headers = { 'idempotency-key': randomUUID() };
    const first = await desk.send(form(), '', headers);
    const again = await desk.send(form(), '', headers);
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 202, 'true']);
    expect(again.body.id).toBe(first.body.id);
    expect(first.headers.get('location')).toBe(`/v1/admin/imports/${first.body.id}`);
    expect(await desk.send(`sku,name\n${sku},Other\n`, '', headers)).toMatchObject({ status: 422 });
    expect(await desk.done(first.body.id)).toMatchObject({ created: 1 });
  });

  it('makes of the same new products in two files at once each once', async () => {
    const skus = Array.from({ length: 300 }, uniqueSku);
    const rows = skus.map((sku) => `${sku},Same name ${slug},1,${slug},5`);
    const file = (lines: string[]) => ['sku,name,price,category,quantity', ...lines].join('\n');
    const jobs = await Promise.all([desk.run(file(rows)), desk.run(file([...rows].reverse()))]);
    expect(jobs.map(({ failed }) => failed)).toEqual([0, 0]);
    expect(jobs.reduce((sum, { created }) => sum + created, 0)).toBe(300);
    const wrong = await stores.rows(
      'products',
      `SELECT sku FROM products JOIN inventory ON product_id = products.id
       WHERE sku = ANY($1) AND (quantity <> 5 OR quantity <> (SELECT sum(delta) FROM stock_movements m
                                                              WHERE m.product_id = products.id))`,
      [skus],
    );
    expect(wrong).toEqual([]);
  });

  it('leaves the lowest stock free for others: a purchase beside an import goes through', async () => {
    const { id, sku } = await shop.product(10);
    const [job, order] = await Promise.all([
      desk.run(`sku,name\n${sku},Renamed while sold\n`),
      shop.customer().then((buyer) => buyer.buy(id)),
    ]);
    expect([job.updated, order.status]).toEqual([1, 'pending']);
    await setStock(desk.admin, id, 20);
  });

  it('leaves no page of before in the cache, should its worker die between the commit and telling of it', async () => {
    const product = await create({ price: usd('10.00') });
    await desk.admin.get(`/v1/products/${product.id}`);
    // Events are written last: with their table locked the commit waits.
    const { body } = await whileLocked('products', 'outbox', async () => {
      const queued = await desk.send(`sku,price,quantity\n${product.sku},12.00,3\n`);
      await eventually('the page to be marked', async () => {
        return (await stores.redis.get(`product:${product.id}`))?.startsWith(CHANGE_MARK);
      });
      return queued;
    });
    await desk.done(body.id);
    expect(await desk.admin.get(`/v1/products/${product.id}`)).toMatchObject({ price: usd('12.00') });
  });

  it('is for staff', async () => {
    const customer = new ImportDesk(await shop.customer(0));
    expect((await customer.send('sku\n')).status).toBe(403);
    for (const path of ['/v1/admin/imports', '/v1/admin/products/export']) {
      expect((await customer.admin.send('GET', path)).status).toBe(403);
    }
  });
});
