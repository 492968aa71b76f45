import { Injectable } from '@nestjs/common';
import { ProductEntryService } from '../products/product-entry.service';
import { demoCatalogue } from './demo.catalog';

/** Fills the shop with something to look at and to buy. */
@Injectable()
export class DemoSeed {
  constructor(private readonly entry: ProductEntryService) {}

  /** Adds what is missing of the demo; what is there, sold from or repriced stays as it is. */
  async run(): Promise<{ products: number; added: number }> {
    const { categories, products } = demoCatalogue();
    return { products: products.length, added: await this.entry.importAll(categories, products) };
  }
}
