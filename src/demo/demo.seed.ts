import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { PasswordService } from '../auth/password.service';
import { DEMO_CUSTOMER } from '../common/demo-data';
import { inTransaction } from '../database/sql';
import { ProductEntryService } from '../products/product-entry.service';
import { Settings } from '../settings/settings';
import { AddressesService } from '../users/addresses.service';
import { UsersService } from '../users/users.service';
import { demoCatalogue } from './demo.catalog';

/** Fills the shop with something to look at and to buy, and with someone to buy it. */
@Injectable()
export class DemoSeed {
  constructor(
    @InjectDataSource('users') private readonly source: DataSource,
    private readonly entry: ProductEntryService,
    private readonly users: UsersService,
    private readonly addresses: AddressesService,
    private readonly passwords: PasswordService,
    private readonly settings: Settings,
  ) {}

  /**
   * Adds what is missing of the demo; what is there, sold from or repriced stays as it is. In production only products:
   * everyone knows the customer's password.
   */
  async run(): Promise<{ products: number; added: number }> {
    const { categories, products } = demoCatalogue();
    const added = await this.entry.importAll(categories, products);
    if (this.settings.environment !== 'production') await this.addCustomer();
    return { products: products.length, added };
  }

  /** No more than anyone gets by registering. An account that is there stays as it is, and so do its addresses. */
  async addCustomer(): Promise<void> {
    const { email, name, password, addressId, address } = DEMO_CUSTOMER;
    if (await this.users.findByEmail(email)) return;
    const passwordHash = await this.passwords.hash(password);
    await inTransaction(this.source, async (tx) => {
      const user = await this.users.create(tx, { email, name, passwordHash });
      if (user) await this.addresses.addFirst(tx, user.id, { id: addressId, ...address });
    });
  }
}
