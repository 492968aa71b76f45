import { Module } from '@nestjs/common';
import { AnalyticsModule } from './analytics/analytics.module';
import { ApiKeysModule } from './api-keys/api-keys.module';
import { ArchiveModule } from './archive/archive.module';
import { AuditModule } from './audit/audit.module';
import { AuthModule } from './auth/auth.module';
import { BackgroundJobs } from './background.jobs';
import { CacheModule } from './cache/cache.module';
import { CartModule } from './cart/cart.module';
import { CheckoutModule } from './checkout/checkout.module';
import { ConsistencyModule } from './consistency/consistency.module';
import { DatabaseModule } from './database/database.module';
import { DeadLettersModule } from './dead-letters/dead-letters.module';
import { DemoModule } from './demo/demo.module';
import { HealthModule } from './health/health.module';
import { HistoryModule } from './history/history.module';
import { HttpModule } from './http/http.module';
import { ImagesModule } from './images/images.module';
import { InventoryModule } from './inventory/inventory.module';
import { MessagingModule } from './messaging/messaging.module';
import { NotificationsModule } from './notifications/notifications.module';
import { ObservabilityModule } from './observability/observability.module';
import { OrdersModule } from './orders/orders.module';
import { PaymentsModule } from './payments/payments.module';
import { PrivacyModule } from './privacy/privacy.module';
import { ProductImportsModule } from './product-imports/product-imports.module';
import { ProductsModule } from './products/products.module';
import { SearchModule } from './search/search.module';
import { SCHEMA } from './schema';
import { SettingsModule } from './settings/settings.module';
import { ShippingModule } from './shipping/shipping.module';
import { TimelineModule } from './timeline/timeline.module';
import { UsersModule } from './users/users.module';
import { WebhooksModule } from './webhooks/webhooks.module';

/** The table of contents: what every room stands on, then the rooms by database. */
@Module({
  imports: [
    SettingsModule,
    ObservabilityModule,
    DatabaseModule.forRoot({
      users: SCHEMA.users.entities,
      products: SCHEMA.products.entities,
      orders: SCHEMA.orders.entities,
    }),
    CacheModule,
    MessagingModule,
    HttpModule,
    HealthModule,
    // users database
    AuthModule,
    ApiKeysModule,
    UsersModule,
    CartModule,
    NotificationsModule,
    // products database
    AuditModule,
    ProductsModule,
    ProductImportsModule,
    ImagesModule,
    SearchModule,
    InventoryModule,
    CheckoutModule,
    // orders database
    OrdersModule,
    PaymentsModule,
    ShippingModule,
    DeadLettersModule,
    WebhooksModule,
    // MongoDB
    HistoryModule,
    AnalyticsModule,
    // over several
    ArchiveModule,
    PrivacyModule,
    TimelineModule,
    ConsistencyModule,
    DemoModule,
  ],
  providers: [BackgroundJobs],
})
export class AppModule {}
