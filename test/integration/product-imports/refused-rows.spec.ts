import { ownCategory, slugOf } from '../../support/catalogue';
import { Shop } from '../../support/shop';
import { Stores } from '../../support/stores';
import { ImportDesk, uniqueSku } from './import-desk';

describe('rows that are not taken over', () => {
  const shop = new Shop();
  const stores = new Stores();
  let desk: ImportDesk;

  beforeAll(async () => {
    desk = new ImportDesk(await shop.admin());
  });
  afterAll(() => stores.close());

  it('are told of though their SKU is cut within a character', async () => {
    const job = await desk.run(`sku,name\nx${'😀'.repeat(60)},Thing\n`);
    expect(await desk.failures(job.id)).toMatchObject([{ line: 2, field: 'sku' }]);
  });

  it('hold nobody up though PostgreSQL refuses what is told of them: none of their chunk is taken over', async () => {
    const slug = await slugOf(stores, await ownCategory(stores, 'Held up by none'));
    const [good, bad] = [uniqueSku(), uniqueSku()];
    await stores.rows(
      'products',
      `CREATE FUNCTION refuse_error() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE 'refused' USING ERRCODE = 'check_violation'; END $$`,
    );
    try {
      await stores.rows(
        'products',
        `CREATE TRIGGER refuse_error BEFORE INSERT ON import_errors
         FOR EACH ROW WHEN (NEW.sku = '${bad}') EXECUTE FUNCTION refuse_error()`,
      );
      const file = `sku,name,price,category,quantity\n${good},Thing,1,${slug},3\n${bad},Thing,x,${slug},3\n`;
      const job = await desk.run(file);
      expect(job).toMatchObject({ rowsRead: 2, created: 0, failed: 2 });
      const message = 'the row could not be stored';
      expect(await desk.failures(job.id)).toEqual([2, 3].map((line) => ({ line, sku: null, field: null, message })));
    } finally {
      await stores.rows('products', `DROP FUNCTION refuse_error() CASCADE`);
    }
    expect(await stores.rows('products', `SELECT 1 FROM products WHERE sku = $1`, [good])).toEqual([]);
    expect(await desk.run(`sku,name,price,category\n${good},Thing,1,${slug}\n`)).toMatchObject({ created: 1 });
  });

  it('are listed after any line, and after none there is', async () => {
    const { id } = await desk.run(`sku,name\n,Thing\n`);
    const after = (line: string) =>
      desk.admin.send('GET', `/v1/admin/imports/${id}/errors?cursor=${Buffer.from(line).toString('base64url')}`);
    expect(await after('1')).toMatchObject({ status: 200, body: { items: [{ line: 2 }] } });
    for (const line of ['2147483648', '999999999999999']) {
      expect(await after(line)).toMatchObject({ status: 200, body: { items: [] } });
    }
    expect((await after('nonsense')).status).toBe(400);
  });
});
