import { Module } from '@nestjs/common';
import { InventoryModule } from '../inventory/inventory.module';
import { CatalogueCache } from './catalogue-cache.service';
import { CataloguePages } from './catalogue-pages.service';
import { CatalogueConsumer } from './catalogue.consumer';
import { CategoriesRepository } from './categories.repository';
import { CategoriesService } from './categories.service';
import { ProductEntryService } from './product-entry.service';
import { ProductsAdminController } from './products.admin.controller';
import { ProductsController } from './products.controller';
import { ProductsRepository } from './products.repository';
import { ProductsService } from './products.service';

/** The catalogue: tables products and categories. */
@Module({
  imports: [InventoryModule],
  controllers: [ProductsController, ProductsAdminController, CatalogueConsumer],
  providers: [
    ProductsRepository,
    CategoriesRepository,
    CatalogueCache,
    CataloguePages,
    ProductsService,
    CategoriesService,
    ProductEntryService,
  ],
  exports: [ProductsService, ProductEntryService],
})
export class ProductsModule {}
