import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { AuditChainService } from '../../../src/audit/audit-chain.service';
import { AuditSealsRepository } from '../../../src/audit/audit-seals.repository';
import type { VerifiedChain } from '../../../src/audit/audit.types';
import { Settings } from '../../../src/settings/settings';
import { setStock } from '../../support/catalogue';
import { ScratchDatabase } from '../../support/scratch-database';
import { Shop } from '../../support/shop';

/** An audit trail by itself; its owner may do anything to it. */
describe('the chain over the audit trail', () => {
  let scratch: ScratchDatabase;
  let database: DataSource;
  let chain: AuditChainService;

  beforeEach(async () => {
    scratch = await ScratchDatabase.create('products');
    database = await scratch.open();
    await database.runMigrations();
    chain = new AuditChainService(
      database,
      database,
      database,
      new AuditSealsRepository(),
      new Settings(Settings.REQUIRED_FOR_DESCRIPTION),
    );
  });
  afterEach(() => scratch.drop());

  const act = (action: string) =>
    database.query(
      `INSERT INTO audit_log (action, subject_type, subject_id, after) VALUES ($1, 'product', $2, '{"price": 500}')`,
      [action, randomUUID()],
    );

  /** By who owns the tables, and keeps the triggers from saying no. */
  async function tamper(statement: string): Promise<void> {
    const off = (table: string) => database.query(`ALTER TABLE ${table} DISABLE TRIGGER ${table}_append_only`);
    await Promise.all([off('audit_log'), off('audit_seals')]);
    await database.query(statement);
  }

  async function verified(): Promise<VerifiedChain> {
    const [one] = await chain.verify();
    if (!one) throw new Error('no chain');
    return one;
  }

  async function fiveActs(): Promise<string> {
    for (const nth of [1, 2, 3, 4, 5]) await act(`done.${nth}`);
    const { entries, faults, head } = await verified();
    expect({ entries, faults }).toEqual({ entries: 5, faults: [] });
    return head;
  }

  it('grows by each entry, and stands', async () => {
    const head = await fiveActs();
    expect(head).toMatch(/^[0-9a-f]{64}$/);
    await act('done.6');
    const after = await verified();
    expect(after).toMatchObject({ entries: 6, faults: [] });
    expect(after.head).not.toBe(head);
  });

  it.each([
    ['an entry', `UPDATE audit_log SET after = '{"price": 5}' WHERE position = 3`],
    ['who did it', `UPDATE audit_log SET actor_id = gen_random_uuid() WHERE position = 3`],
    ['when', `UPDATE audit_log SET at = at - interval '1 second' WHERE position = 3`],
    ['a seal', `UPDATE audit_seals SET seal = repeat('0', 64) WHERE position = 3`],
  ])('breaks where %s is changed', async (_, statement) => {
    await fiveActs();
    await tamper(statement);
    expect((await verified()).faults[0]).toEqual({ position: '3', fault: 'changed' });
  });

  it('breaks where an entry is removed', async () => {
    await fiveActs();
    await tamper(`DELETE FROM audit_log WHERE position = 3`);
    expect((await verified()).faults).toEqual([{ position: '3', fault: 'gone' }]);
  });

  it('breaks where an entry is removed with its seal', async () => {
    await fiveActs();
    await tamper(`WITH gone AS (DELETE FROM audit_log WHERE position = 3) DELETE FROM audit_seals WHERE position = 3`);
    expect((await verified()).faults).toEqual([{ position: '4', fault: 'changed' }]);
  });

  it('breaks where a seal is removed', async () => {
    await fiveActs();
    await tamper(`DELETE FROM audit_seals WHERE position = 5`);
    expect((await verified()).faults).toEqual([{ position: '5', fault: 'unsealed' }]);
  });

  it('breaks where two entries change places', async () => {
    await fiveActs();
    await tamper(
      `UPDATE audit_seals AS one SET seal = other.seal
       FROM audit_seals AS other
       WHERE (one.position, other.position) IN ((2, 3), (3, 2))`,
    );
    expect((await verified()).faults.map(({ position }) => position)).toEqual(['2', '3', '4']);
  });

  it('is one chain, however many seal at once, and whatever is committed meanwhile', async () => {
    const acts = Array.from({ length: 40 }, (_, nth) => act(`done.${nth}`));
    await Promise.all([...acts, ...Array.from({ length: 6 }, () => chain.sealNew())]);
    expect(await verified()).toMatchObject({ entries: 40, faults: [] });
  });

  it('takes in what is committed late, after what was numbered later', async () => {
    const late = database.createQueryRunner();
    await late.startTransaction();
    await late.query(`INSERT INTO audit_log (action, subject_type, subject_id) VALUES ('late', 'product', $1)`, [
      randomUUID(),
    ]);
    await act('early');
    expect(await verified()).toMatchObject({ entries: 1, faults: [] });
    await late.commitTransaction();
    await late.release();
    expect(await verified()).toMatchObject({ entries: 2, faults: [] });
  });
});

describe('the audit trail of the running shop', () => {
  const shop = new Shop();

  it('is verified by admins', async () => {
    const admin = await shop.admin();
    const product = await shop.product(3);
    await setStock(admin, product.id, 4);
    const answer = await admin.get<{ intact: boolean; chains: VerifiedChain[] }>('/v1/admin/audit-log/verify');
    expect(answer.chains.map(({ database: name }) => name)).toEqual(['users', 'products', 'orders']);
    expect(answer.intact).toBe(true);
    expect(answer.chains[1]?.entries).toBeGreaterThan(1);
    expect((await (await shop.customer()).send('GET', '/v1/admin/audit-log/verify')).status).toBe(403);
  });
});
