import { Module } from '@nestjs/common';
import { InventoryModule } from '../inventory/inventory.module';
import { CatalogueCache } from './catalogue-cache.service';
import { CatalogueConsumer } from './catalogue.consumer';
import { CategoriesRepository } from './categories.repository';
import { CategoriesService } from './categories.service';
import { ProductEntryService } from './product-entry.service';
import { ProductsAdminController } from './products.admin.controller';
import { ProductsController } from './products.controller';
import { ProductsRepository } from './products.repository';
import { ProductsService } from './products.service';

/** The catalogue: what is sold and where it hangs. */
@Module({
  imports: [InventoryModule],
  controllers: [ProductsController, ProductsAdminController, CatalogueConsumer],
  providers: [
    ProductsRepository,
    CategoriesRepository,
    CatalogueCache,
    ProductsService,
    CategoriesService,
    ProductEntryService,
  ],
  exports: [ProductsService, ProductEntryService, CatalogueCache],
})
export class ProductsModule {}
