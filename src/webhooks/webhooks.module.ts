import { Module } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { AuditModule } from '../audit/audit.module';
import { AddressPolicy } from './address.policy';
import { DeliveriesAdminController } from './deliveries.admin.controller';
import { DeliveriesRepository } from './deliveries.repository';
import { DeliveriesService } from './deliveries.service';
import { DeliveryWorker } from './delivery.worker';
import { EndpointSecretsService } from './endpoint-secrets.service';
import { EndpointsRepository } from './endpoints.repository';
import { EndpointsService } from './endpoints.service';
import { FanOutRepository } from './fan-out.repository';
import { FanOutService } from './fan-out.service';
import { SendingRepository } from './sending.repository';
import { WebhookSender } from './webhook.sender';
import { WebhooksAdminController } from './webhooks.admin.controller';
import { WebhooksConsumer } from './webhooks.consumer';

/** Events for those outside who asked for them: tables webhook_endpoints, webhook_deliveries, webhook_attempts. */
@Module({
  imports: [AuditModule],
  controllers: [WebhooksAdminController, DeliveriesAdminController, WebhooksConsumer],
  providers: [
    AddressPolicy,
    EndpointSecretsService,
    EndpointsRepository,
    EndpointsService,
    FanOutRepository,
    FanOutService,
    SendingRepository,
    WebhookSender,
    DeliveryWorker,
    DeliveriesRepository,
    DeliveriesService,
    makeCounterProvider({
      name: 'webhook_attempts_total',
      help: 'Tries to deliver a webhook by outcome',
      labelNames: ['outcome'],
    }),
    makeGaugeProvider({
      name: 'webhook_deliveries_due',
      help: 'Webhooks that are due and not yet being sent',
      aggregator: 'max',
    }),
    makeGaugeProvider({
      name: 'webhook_oldest_due_seconds',
      help: 'How long the oldest of them has been due',
      aggregator: 'max',
    }),
  ],
  exports: [DeliveryWorker, DeliveriesService],
})
export class WebhooksModule {}
