import { Module } from '@nestjs/common';
import { AnalyticsModule } from '../analytics/analytics.module';
import { AuditModule } from '../audit/audit.module';
import { CheckoutModule } from '../checkout/checkout.module';
import { HealthModule } from '../health/health.module';
import { HistoryModule } from '../history/history.module';
import { InventoryModule } from '../inventory/inventory.module';
import { OrdersModule } from '../orders/orders.module';
import { PaymentsModule } from '../payments/payments.module';
import { ArchiveAuditRepository } from './archive-audit.repository';
import { AllChecks } from './checks/all.check';
import { ArchiveCheck } from './checks/archive.check';
import { ChargesCheck } from './checks/charges.check';
import { CheckoutsCheck, ClaimsCheck, HoldsCheck } from './checks/checkouts.check';
import { DeadLettersCheck, DeliveryChecks } from './checks/deliveries.check';
import { DueWorkChecks } from './checks/due-work.check';
import { EffectChecks } from './checks/effects.check';
import { NotificationsCheck } from './checks/notifications.check';
import { OrderStockCheck } from './checks/order-stock.check';
import { OrdersCheck } from './checks/orders.check';
import { OutboxChecks } from './checks/outbox.check';
import { PaymentsCheck } from './checks/payments.check';
import { AnswersCheck, PlacementsCheck, TwinsCheck } from './checks/placements.check';
import { ReconciliationCheck } from './checks/reconciliation.check';
import { StockCheck } from './checks/stock.check';
import { ConsistencyAdminController } from './consistency.admin.controller';
import { ConsistencyService } from './consistency.service';
import { MessagesAuditRepository } from './messages-audit.repository';
import { MoneyAuditRepository } from './money-audit.repository';
import { OrdersAuditRepository } from './orders-audit.repository';
import { ProviderBooksClient } from './provider-books.client';
import { RepairService } from './repair.service';
import { StockAuditRepository } from './stock-audit.repository';
import { StoreProbe } from './store-probe.service';

/** The check over all stores. Owns no tables; nothing imports it. */
@Module({
  imports: [
    ...[AuditModule, HealthModule, HistoryModule, AnalyticsModule],
    ...[InventoryModule, CheckoutModule, OrdersModule, PaymentsModule],
  ],
  controllers: [ConsistencyAdminController],
  providers: [
    ...[StockAuditRepository, OrdersAuditRepository, MoneyAuditRepository],
    ...[MessagesAuditRepository, ArchiveAuditRepository, ProviderBooksClient],
    ...[StockCheck, CheckoutsCheck, HoldsCheck, ClaimsCheck, PlacementsCheck, AnswersCheck, TwinsCheck],
    ...[OrdersCheck, OrderStockCheck, PaymentsCheck, ChargesCheck, ReconciliationCheck, DueWorkChecks],
    ...[OutboxChecks, DeliveryChecks, DeadLettersCheck, EffectChecks, NotificationsCheck, ArchiveCheck],
    ...[AllChecks, StoreProbe, ConsistencyService, RepairService],
  ],
})
export class ConsistencyModule {}
