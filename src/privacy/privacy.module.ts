import { Module } from '@nestjs/common';
import { AnalyticsModule } from '../analytics/analytics.module';
import { AuditModule } from '../audit/audit.module';
import { AuthModule } from '../auth/auth.module';
import { CartModule } from '../cart/cart.module';
import { CheckoutModule } from '../checkout/checkout.module';
import { HistoryModule } from '../history/history.module';
import { NotificationsModule } from '../notifications/notifications.module';
import { OrdersModule } from '../orders/orders.module';
import { PaymentsModule } from '../payments/payments.module';
import { UsersModule } from '../users/users.module';
import { ErasureService } from './erasure.service';
import { ErasuresRepository } from './erasures.repository';
import { PersonalExport } from './personal-export.service';
import { PrivacyController } from './privacy.controller';

@Module({
  imports: [
    UsersModule,
    AuthModule,
    CartModule,
    NotificationsModule,
    CheckoutModule,
    OrdersModule,
    PaymentsModule,
    HistoryModule,
    AnalyticsModule,
    AuditModule,
  ],
  controllers: [PrivacyController],
  providers: [ErasuresRepository, ErasureService, PersonalExport],
  exports: [ErasureService],
})
export class PrivacyModule {}
