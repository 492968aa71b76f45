import { Shop } from '../../support/shop';
import { Stores } from '../../support/stores';
import { ImportDesk } from './import-desk';

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
});
