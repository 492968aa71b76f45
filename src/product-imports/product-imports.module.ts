import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { InventoryModule } from '../inventory/inventory.module';
import { ProductsModule } from '../products/products.module';
import { BatchService } from './batch.service';
import { ExportService } from './export.service';
import { ImportWorker } from './import.worker';
import { ImportsAdminController } from './imports.admin.controller';
import { ImportsRepository } from './imports.repository';
import { ImportsService } from './imports.service';

/** Products from and to CSV files: tables import_jobs, import_chunks and import_errors. */
@Module({
  imports: [AuditModule, InventoryModule, ProductsModule],
  controllers: [ImportsAdminController],
  providers: [ImportsRepository, ImportsService, BatchService, ImportWorker, ExportService],
  exports: [ImportsService, ImportWorker],
})
export class ProductImportsModule {}
