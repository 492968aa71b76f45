import { createHmac, hkdfSync } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/sql';
import { BackgroundWork } from '../messaging/background-work';
import { Settings } from '../settings/settings';
import { AuditSealsRepository } from './audit-seals.repository';
import type { ChainFault, VerifiedChain } from './audit.types';

const SEAL_EVERY_MS = 5_000;
const BATCH = 1_000;
/** More of them tell no more. */
const MOST_FAULTS = 100;

/**
 * Seals what staff did: each entry with the seal before it, under a key that is not in the database. Who changes, removes
 * or slips in an entry later, with whatever rights there, breaks the chain from that entry on.
 */
@Injectable()
export class AuditChainService {
  readonly work = new BackgroundWork({ name: 'seal-audit', everyMs: SEAL_EVERY_MS, run: () => this.sealNew() });
  private readonly logger = new Logger(AuditChainService.name);
  private readonly key: Uint8Array;
  private readonly databases: [string, DataSource][];

  constructor(
    @InjectDataSource('users') users: DataSource,
    @InjectDataSource('products') products: DataSource,
    @InjectDataSource('orders') orders: DataSource,
    private readonly seals: AuditSealsRepository,
    settings: Settings,
  ) {
    this.databases = Object.entries({ users, products, orders });
    this.key = new Uint8Array(hkdfSync('sha256', settings.dataEncryptionKey, '', 'tradepost audit chain', 32));
  }

  /** In all databases, as far as entries are committed. */
  async sealNew(): Promise<void> {
    for (const [name, database] of this.databases) {
      if (!(await this.seals.hasUnsealed(database))) continue;
      let sealed: number;
      do sealed = await this.sealBatch(name, database);
      while (sealed === BATCH);
    }
  }

  /** Recomputes every chain from its beginning; what is new is sealed first. */
  async verify(): Promise<VerifiedChain[]> {
    await this.sealNew();
    return Promise.all(this.databases.map(([name, database]) => this.verifyOne(name, database)));
  }

  private async sealBatch(name: string, database: DataSource): Promise<number> {
    const { count, head } = await inTransaction(database, async (tx) => {
      await this.seals.lockChain(tx);
      let seal = await this.seals.head(tx);
      const entries = await this.seals.unsealed(tx, BATCH);
      const links = entries.map(({ position, entry }) => ({ position, seal: (seal = this.sealOf(seal, entry)) }));
      if (links.length > 0) this.seals.seal(tx, links);
      return { count: links.length, head: seal };
    });
    // In the log store too: who changes the database and reseals it has to change what was logged elsewhere.
    if (count > 0) this.logger.log(`audit trail of ${name}: ${count} entries sealed, the last ${head}`);
    return count;
  }

  private async verifyOne(name: string, database: DataSource): Promise<VerifiedChain> {
    const faults: ChainFault[] = [];
    let [head, place, entries] = ['', '0', 0];
    for (;;) {
      const links = await this.seals.chain(database, place, BATCH);
      for (const { position, seal, entry } of links) {
        if (entry === null) faults.push({ position, fault: 'gone' });
        else if (this.sealOf(head, entry) !== seal) faults.push({ position, fault: 'changed' });
        head = seal;
      }
      entries += links.length;
      place = links.at(-1)?.place ?? place;
      if (links.length < BATCH || faults.length >= MOST_FAULTS) break;
    }
    for (const position of await this.seals.neverSealed(database, MOST_FAULTS)) {
      faults.push({ position, fault: 'unsealed' });
    }
    return { database: name, entries, head, faults: faults.slice(0, MOST_FAULTS) };
  }

  private sealOf(before: string, entry: string): string {
    return createHmac('sha256', this.key).update(`${before}\n${entry}`).digest('hex');
  }
}
