import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { InventoryModule } from '../inventory/inventory.module';
import { BulkEditingRepository } from './bulk-editing.repository';
import { BulkEditingService } from './bulk-editing.service';
import { CatalogueCache } from './catalogue-cache.service';
import { CataloguePages } from './catalogue-pages.service';
import { CatalogueConsumer } from './catalogue.consumer';
import { CategoriesAdminController } from './categories.admin.controller';
import { CategoriesRepository } from './categories.repository';
import { CategoriesService } from './categories.service';
import { CategoryEditingRepository } from './category-editing.repository';
import { CategoryEditingService } from './category-editing.service';
import { ProductEditingAdminController } from './product-editing.admin.controller';
import { ProductEditingRepository } from './product-editing.repository';
import { ProductEditingService } from './product-editing.service';
import { ProductEntryService } from './product-entry.service';
import { ProductsAdminController } from './products.admin.controller';
import { ProductsController } from './products.controller';
import { ProductsRepository } from './products.repository';
import { ProductsService } from './products.service';

/** The catalogue: what is sold and where it hangs, and what staff do to it. */
@Module({
  imports: [AuditModule, InventoryModule],
  controllers: [
    ProductsController,
    ProductsAdminController,
    ProductEditingAdminController,
    CategoriesAdminController,
    CatalogueConsumer,
  ],
  providers: [
    ProductsRepository,
    CategoriesRepository,
    CatalogueCache,
    CataloguePages,
    ProductsService,
    CategoriesService,
    ProductEntryService,
    ProductEditingRepository,
    ProductEditingService,
    CategoryEditingRepository,
    CategoryEditingService,
    BulkEditingRepository,
    BulkEditingService,
  ],
  exports: [
    ProductsService,
    ProductEntryService,
    ProductEditingService,
    CategoryEditingService,
    BulkEditingService,
    CataloguePages,
  ],
})
export class ProductsModule {}
