import type { MigrationInterface } from 'typeorm';
import { Orders1764000000000 } from '../migrations/orders/1764000000000-orders';
import { RefundAttempts1764050000000 } from '../migrations/orders/1764050000000-refund-attempts';
import { DeadLetters1764100000000 } from '../migrations/orders/1764100000000-dead-letters';
import { OrderTimeline1764200000000 as OrdersTimeline1764200000000 } from '../migrations/orders/1764200000000-order-timeline';
import { OutgoingWebhooks1764710000000 } from '../migrations/orders/1764710000000-outgoing-webhooks';
import { Catalogue1764000000000 } from '../migrations/products/1764000000000-catalogue';
import { StockLedger1764100000000 } from '../migrations/products/1764100000000-stock-ledger';
import { OrderTimeline1764200000000 as ProductsTimeline1764200000000 } from '../migrations/products/1764200000000-order-timeline';
import { CatalogueDetails1764300000000 } from '../migrations/products/1764300000000-catalogue-details';
import { Search1764400000000 } from '../migrations/products/1764400000000-search';
import { CatalogueAdmin1764500000000 } from '../migrations/products/1764500000000-catalogue-admin';
import { ProductImports1764510000000 } from '../migrations/products/1764510000000-product-imports';
import { Accounts1764000000000 } from '../migrations/users/1764000000000-accounts';
import { OrderTimeline1764200000000 as UsersTimeline1764200000000 } from '../migrations/users/1764200000000-order-timeline';
import { GuestCarts1764600000000 } from '../migrations/users/1764600000000-guest-carts';
import { AccountSecurity1764700000000 } from '../migrations/users/1764700000000-account-security';
import { ApiKeys1764720000000 } from '../migrations/users/1764720000000-api-keys';
import { AuditSeals1764730000000 as UsersAuditSeals1764730000000 } from '../migrations/users/1764730000000-audit-seals';
import { AuditSeals1764730000000 as ProductsAuditSeals1764730000000 } from '../migrations/products/1764730000000-audit-seals';
import { AuditSeals1764730000000 as OrdersAuditSeals1764730000000 } from '../migrations/orders/1764730000000-audit-seals';
import { Erasures1764900000000 } from '../migrations/users/1764900000000-erasures';
import { ErasedAccounts1764900010000 } from '../migrations/users/1764900010000-erased-accounts';
import { MessagesThatNameNobody1764900020000 } from '../migrations/users/1764900020000-messages-that-name-nobody';
import { StatesOfMessages1764900030000 } from '../migrations/users/1764900030000-states-of-messages';
import { MessagesOfAPerson1764900040000 } from '../migrations/users/1764900040000-messages-of-a-person';
import { CheckoutsOfACustomer1764900000000 } from '../migrations/products/1764900000000-checkouts-of-a-customer';
import { WordsAboutOrders1764900000000 } from '../migrations/orders/1764900000000-words-about-orders';
import { PaymentsOfACustomer1764900010000 } from '../migrations/orders/1764900010000-payments-of-a-customer';
import { ApiKey } from './api-keys/entities/api-key.entity';
import { OrdersAuditLogRow, ProductsAuditLogRow, UsersAuditLogRow } from './audit/entities/audit-log.entity';
import {
  OrdersAuditSealRow,
  OrdersAuditUnsealedRow,
  ProductsAuditSealRow,
  ProductsAuditUnsealedRow,
  UsersAuditSealRow,
  UsersAuditUnsealedRow,
} from './audit/entities/audit-seal.entity';
import { AccountToken } from './auth/entities/account-token.entity';
import { RecoveryCode } from './auth/entities/recovery-code.entity';
import { SecondFactor } from './auth/entities/second-factor.entity';
import { Session } from './auth/entities/session.entity';
import { SpentRefreshToken } from './auth/entities/spent-refresh-token.entity';
import { CartItem } from './cart/entities/cart-item.entity';
import { Cart } from './cart/entities/cart.entity';
import { Checkout } from './checkout/entities/checkout.entity';
import type { Connection } from './database/connections';
import { DeadLetter } from './dead-letters/entities/dead-letter.entity';
import {
  OrdersIdempotencyKeyRow,
  ProductsIdempotencyKeyRow,
  UsersIdempotencyKeyRow,
} from './http/idempotency/idempotency-key.entity';
import { Inventory } from './inventory/entities/inventory.entity';
import { Reservation } from './inventory/entities/reservation.entity';
import { StockMovement } from './inventory/entities/stock-movement.entity';
import { OrdersInboxRow, ProductsInboxRow, UsersInboxRow } from './messaging/inbox/inbox.entity';
import { OrdersOutboxRow, ProductsOutboxRow, UsersOutboxRow } from './messaging/outbox/outbox.entity';
import { NotificationAttempt } from './notifications/entities/notification-attempt.entity';
import { Notification } from './notifications/entities/notification.entity';
import { OrderItem } from './orders/entities/order-item.entity';
import { Order } from './orders/entities/order.entity';
import { Placement } from './orders/entities/placement.entity';
import { PaymentAttempt } from './payments/entities/payment-attempt.entity';
import { Payment } from './payments/entities/payment.entity';
import { ProviderEvent } from './payments/entities/provider-event.entity';
import { Refund } from './payments/entities/refund.entity';
import { ErasureStep } from './privacy/entities/erasure-step.entity';
import { Erasure } from './privacy/entities/erasure.entity';
import { ImportChunk } from './product-imports/entities/import-chunk.entity';
import { ImportError } from './product-imports/entities/import-error.entity';
import { ImportJob } from './product-imports/entities/import-job.entity';
import { CategoryCount } from './products/entities/category-count.entity';
import { Category } from './products/entities/category.entity';
import { PriceHistory } from './products/entities/price-history.entity';
import { ProductImage } from './products/entities/product-image.entity';
import { Product } from './products/entities/product.entity';
import { ProductSearch } from './search/entities/product-search.entity';
import { SearchWord } from './search/entities/search-word.entity';
import { Shipment } from './shipping/entities/shipment.entity';
import { Address } from './users/entities/address.entity';
import { User } from './users/entities/user.entity';
import { WebhookAttempt } from './webhooks/entities/webhook-attempt.entity';
import { WebhookDelivery } from './webhooks/entities/webhook-delivery.entity';
import { WebhookEndpoint } from './webhooks/entities/webhook-endpoint.entity';

/** What one database holds: a part of TypeORM's options. */
export interface DatabaseSchema {
  entities: (new () => object)[];
  migrations: (new () => MigrationInterface)[];
}

/** Which entity lives in which database, and how its tables came to be. By name: a glob would put each table everywhere. */
export const SCHEMA: Record<Connection, DatabaseSchema> = {
  users: {
    entities: [
      User,
      Address,
      Session,
      SpentRefreshToken,
      AccountToken,
      SecondFactor,
      RecoveryCode,
      ApiKey,
      UsersAuditLogRow,
      UsersAuditSealRow,
      UsersAuditUnsealedRow,
      Cart,
      CartItem,
      Notification,
      NotificationAttempt,
      Erasure,
      ErasureStep,
      UsersOutboxRow,
      UsersInboxRow,
      UsersIdempotencyKeyRow,
    ],
    migrations: [
      Accounts1764000000000,
      UsersTimeline1764200000000,
      GuestCarts1764600000000,
      AccountSecurity1764700000000,
      ApiKeys1764720000000,
      UsersAuditSeals1764730000000,
      Erasures1764900000000,
      ErasedAccounts1764900010000,
      MessagesThatNameNobody1764900020000,
      StatesOfMessages1764900030000,
      MessagesOfAPerson1764900040000,
    ],
  },
  products: {
    entities: [
      Category,
      Product,
      ProductImage,
      CategoryCount,
      ProductSearch,
      SearchWord,
      PriceHistory,
      ImportJob,
      ImportChunk,
      ImportError,
      Inventory,
      Checkout,
      Reservation,
      StockMovement,
      ProductsAuditLogRow,
      ProductsAuditSealRow,
      ProductsAuditUnsealedRow,
      ProductsOutboxRow,
      ProductsInboxRow,
      ProductsIdempotencyKeyRow,
    ],
    migrations: [
      Catalogue1764000000000,
      StockLedger1764100000000,
      ProductsTimeline1764200000000,
      CatalogueDetails1764300000000,
      Search1764400000000,
      CatalogueAdmin1764500000000,
      ProductImports1764510000000,
      ProductsAuditSeals1764730000000,
      CheckoutsOfACustomer1764900000000,
    ],
  },
  orders: {
    entities: [
      Placement,
      Order,
      OrderItem,
      Shipment,
      Payment,
      PaymentAttempt,
      Refund,
      ProviderEvent,
      DeadLetter,
      WebhookEndpoint,
      WebhookDelivery,
      WebhookAttempt,
      OrdersAuditLogRow,
      OrdersAuditSealRow,
      OrdersAuditUnsealedRow,
      OrdersOutboxRow,
      OrdersInboxRow,
      OrdersIdempotencyKeyRow,
    ],
    migrations: [
      Orders1764000000000,
      RefundAttempts1764050000000,
      DeadLetters1764100000000,
      OrdersTimeline1764200000000,
      OutgoingWebhooks1764710000000,
      OrdersAuditSeals1764730000000,
      WordsAboutOrders1764900000000,
      PaymentsOfACustomer1764900010000,
    ],
  },
};
