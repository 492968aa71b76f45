import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { InventoryAdminController } from './inventory.admin.controller';
import { InventoryConsumer } from './inventory.consumer';
import { InventoryRepository } from './inventory.repository';
import { InventoryService } from './inventory.service';
import { ReservationRepository } from './reservation.repository';
import { ReservationService } from './reservation.service';
import { StockImportService } from './stock-import.service';
import { StockService } from './stock.service';

/** Stock, its ledger and what of it is reserved: tables inventory, stock_movements, reservations. */
@Module({
  imports: [AuditModule],
  controllers: [InventoryAdminController, InventoryConsumer],
  providers: [
    InventoryRepository,
    ReservationRepository,
    StockService,
    StockImportService,
    InventoryService,
    ReservationService,
  ],
  exports: [InventoryService, ReservationService, StockImportService, StockService],
})
export class InventoryModule {}
