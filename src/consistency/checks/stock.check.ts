import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { pageOf, type Check, type Finding, type Page } from '../consistency.types';
import { StockAuditRepository, type StockCounters } from '../stock-audit.repository';

/** Each product's whole ledger is added up: fewer at a time than of anything else. */
const PRODUCTS = 200;

const REPAIR = 'the repair adds both counters up anew from reservations and ledger';

/** Promise 1: the counters of a product are what its reservations and its ledger add up to. Read in one snapshot. */
@Injectable()
export class StockCheck implements Check {
  readonly name = 'products';
  readonly needs = ['postgres-products'] as const;

  constructor(
    @InjectDataSource('products') private readonly products: DataSource,
    private readonly audit: StockAuditRepository,
  ) {}

  async page(after: string | null): Promise<Page> {
    return pageOf(await this.audit.productIds(this.products, after, PRODUCTS), PRODUCTS);
  }

  async examine(productIds: readonly string[]): Promise<Finding[]> {
    const rows = await this.audit.counters(this.products, productIds);
    return rows.flatMap((row) => this.faultsOf(row));
  }

  private faultsOf(row: StockCounters): Finding[] {
    const { product_id: id, quantity, reserved_quantity: reserved } = row;
    const finding = (invariant: string, detail: string): Finding => ({
      invariant,
      key: id,
      ids: [id],
      detail: `product ${id}: ${detail}`,
      repair: REPAIR,
      fix: { verb: 'correct-stock', productId: id },
    });
    const findings: Finding[] = [];
    if (reserved < 0 || reserved > quantity) {
      findings.push(finding('stock.range', `${reserved} of ${quantity} on hand are reserved`));
    }
    if (Number(row.held) !== reserved) {
      findings.push(finding('stock.reserved', `${reserved} are reserved, its reservations say ${row.held}`));
    }
    if (Number(row.ledger) !== quantity) {
      findings.push(finding('stock.ledger', `${quantity} are on hand, its movements add up to ${row.ledger}`));
    }
    return findings;
  }
}
