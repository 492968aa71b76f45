import { randomUUID } from 'node:crypto';
import { ownCategory, slugOf } from '../../support/catalogue';
import { eventually } from '../../support/eventually';
import { Shop } from '../../support/shop';
import { Stores } from '../../support/stores';
import { backgroundWorkers, ImportDesk, memoryOf } from './import-desk';

/** `npm run test:import` has 100,000; its result is in docs/results/import.md. */
const ROWS = Number(process.env['IMPORT_ROWS'] ?? 10_000);
const WITHIN_MS = 60_000 + ROWS * 5;
/** A worker that held the file, or its rows, would grow with them; what it may grow is what it grows anyway. */
const MAY_GROW_MB = 150;

describe(`a file of ${ROWS} rows`, () => {
  const shop = new Shop();
  const stores = new Stores();
  const mark = randomUUID().slice(0, 8);
  let desk: ImportDesk;
  let file: string;

  beforeAll(async () => {
    desk = new ImportDesk(await shop.admin());
    const category = await ownCategory(stores, `Large ${mark}`);
    const slug = await slugOf(stores, category);
    const rows = Array.from({ length: ROWS }, (_, i) => {
      const description = `Made to be imported, number ${i}, with words enough for a description of some length.`;
      return `L-${mark}-${i},Thing ${mark} ${i},"${description}",${1 + (i % 100)}.50,${slug},${i % 50},${i % 7}`;
    });
    file = ['sku,name,description,price,category,quantity,attr:size', ...rows].join('\n');
  });
  afterAll(() => stores.close());

  it(
    'is done once and wholly while its workers are killed, on whatever server they are',
    async () => {
      const started = Date.now();
      const { body } = await desk.send(file);
      for (const part of [0.2, 0.5]) {
        await eventually('some of it', async () => (await desk.get(body.id)).rowsRead >= ROWS * part, WITHIN_MS);
        for (const pid of backgroundWorkers()) process.kill(pid, 'SIGKILL');
      }
      const halfway = await desk.get(body.id);
      expect(halfway).toMatchObject({ state: 'running' });
      expect(await desk.done(body.id, WITHIN_MS)).toMatchObject({ created: ROWS, updated: 0, unchanged: 0, failed: 0 });
      const seconds = (Date.now() - started) / 1_000;
      process.stdout.write(`${ROWS} rows: created in ${seconds.toFixed(1)} s, all workers killed twice on the way\n`);
      const count = await stores.row(
        'products',
        `SELECT count(*)::int AS products,
                count(*) FILTER (WHERE quantity = coalesce(moved, 0))::int AS counted,
                sum(audited)::int AS audited,
                sum(priced)::int AS priced
         FROM products p
         JOIN inventory i ON i.product_id = p.id
         CROSS JOIN LATERAL (SELECT sum(delta) AS moved FROM stock_movements m WHERE m.product_id = p.id) AS ledger
         CROSS JOIN LATERAL (SELECT count(*) AS audited FROM audit_log a
                             WHERE a.subject_id = p.id AND a.action = 'product.imported') AS trail
         CROSS JOIN LATERAL (SELECT count(*) AS priced FROM price_history h WHERE h.product_id = p.id) AS prices
         WHERE p.sku LIKE $1`,
        [`L-${mark}-%`],
      );
      expect(count).toEqual({ products: ROWS, counted: ROWS, audited: ROWS, priced: ROWS });
      const left = await stores.rows('products', `SELECT 1 FROM import_chunks WHERE job_id = $1`, [body.id]);
      expect(left).toEqual([]);
    },
    WITHIN_MS * 2,
  );

  it(
    'is read, done and exported in the memory that a small one takes',
    async () => {
      await eventually('both workers to be back', async () => backgroundWorkers().length === 2, 30_000);
      const small = file.split('\n').slice(0, 2_001).join('\n').replaceAll('Thing', 'Small thing');
      await desk.run(small);
      const workers = backgroundWorkers();
      const before = workers.map(memoryOf);
      const most = [...before];
      const started = Date.now();
      const { body } = await desk.send(file.replaceAll('Thing', 'Other thing'));
      const received = Date.now() - started;
      const done = await eventually(
        'the import',
        async () => {
          workers.forEach((pid, i) => (most[i] = Math.max(most[i] ?? 0, memoryOf(pid))));
          const job = await desk.get(body.id);
          return job.state === 'done' && job;
        },
        WITHIN_MS,
      );
      const seconds = (Date.now() - started) / 1_000;
      expect(done).toMatchObject({ updated: ROWS, failed: 0 });
      const grown = most.map((now, i) => Math.round(now - (before[i] ?? 0)));
      const exportStarted = Date.now();
      const lines = (await desk.text('/v1/admin/products/export')).split(`L-${mark}-`).length - 1;
      expect(lines).toBe(ROWS);
      process.stdout.write(
        `${ROWS} rows: received in ${(received / 1_000).toFixed(1)} s, done after ${seconds.toFixed(1)} s ` +
          `(${Math.round(ROWS / seconds)} rows/s), workers grew by ${grown.join(' and ')} MB from ` +
          `${before.map(Math.round).join(' and ')} MB; exported in ${((Date.now() - exportStarted) / 1_000).toFixed(1)} s\n`,
      );
      expect(Math.max(...grown)).toBeLessThan(MAY_GROW_MB);
    },
    WITHIN_MS * 2,
  );
});
