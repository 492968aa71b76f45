import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { HistoryModule } from '../history/history.module';
import { OrderArchivingRepository } from './order-archiving.repository';
import { OrderArchivingService } from './order-archiving.service';
import { OrderListRepository } from './order-list.repository';
import { OrderReadingService } from './order-reading.service';
import { OrdersAdminController } from './orders.admin.controller';
import { OrdersController } from './orders.controller';
import { ORDER_COUNTERS, OrderMetrics } from './orders.metrics';
import { OrdersRepository } from './orders.repository';
import { OrdersService } from './orders.service';
import { PersonalOrdersRepository } from './personal-orders.repository';
import { PersonalOrdersService } from './personal-orders.service';
import { PlacementRepository } from './placement.repository';
import { PlacementService } from './placement.service';

@Module({
  imports: [AuditModule, HistoryModule],
  controllers: [OrdersController, OrdersAdminController],
  providers: [
    OrdersRepository,
    OrderListRepository,
    PlacementRepository,
    OrderArchivingRepository,
    OrderArchivingService,
    OrdersService,
    OrderReadingService,
    PlacementService,
    PersonalOrdersRepository,
    PersonalOrdersService,
    OrderMetrics,
    ...ORDER_COUNTERS,
  ],
  exports: [OrdersService, OrderArchivingService, OrderReadingService, PersonalOrdersService, PlacementService],
})
export class OrdersModule {}
