import { Module } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { AuditModule } from '../audit/audit.module';
import { OrdersModule } from '../orders/orders.module';
import { ChargeWorker } from './charge.worker';
import { PaymentAttemptsRepository } from './payment-attempts.repository';
import { PaymentRepairService } from './payment-repair.service';
import { PaymentsAdminController } from './payments.admin.controller';
import { PaymentsConsumer } from './payments.consumer';
import { PaymentsRepository } from './payments.repository';
import { PaymentsService } from './payments.service';
import { PersonalPaymentsRepository } from './personal-payments.repository';
import { PersonalPaymentsService } from './personal-payments.service';
import { ProviderEventsRepository } from './provider-events.repository';
import { ReconciliationRepository } from './reconciliation.repository';
import { ReconciliationService } from './reconciliation.service';
import { RefundService } from './refund.service';
import { RefundsRepository } from './refunds.repository';
import { ProviderCircuit } from './provider-circuit.policy';
import { SandboxProvider } from './sandbox.provider';
import { SettlementService } from './settlement.service';
import { WebhookService } from './webhook.service';
import { WebhooksController } from './webhooks.controller';

@Module({
  imports: [AuditModule, OrdersModule],
  controllers: [PaymentsAdminController, WebhooksController, PaymentsConsumer],
  providers: [
    PaymentsRepository,
    PaymentAttemptsRepository,
    RefundsRepository,
    ProviderEventsRepository,
    ProviderCircuit,
    SandboxProvider,
    RefundService,
    PaymentsService,
    SettlementService,
    PaymentRepairService,
    ChargeWorker,
    WebhookService,
    ReconciliationRepository,
    ReconciliationService,
    PersonalPaymentsRepository,
    PersonalPaymentsService,
    makeCounterProvider({
      name: 'payment_attempts_total',
      help: 'Calls of the payment provider by outcome',
      labelNames: ['outcome'],
    }),
    makeCounterProvider({
      name: 'payment_undos_refused_total',
      help: 'Events that told of a cancelled order which is not cancelled',
    }),
    makeGaugeProvider({
      name: 'reconciliation_cases',
      help: "Differences to the provider's books that only people can put right, by kind, as the last run found them",
      labelNames: ['kind'],
      aggregator: 'max',
    }),
    makeCounterProvider({
      name: 'reconciliation_healed_total',
      help: "Charges and refunds taken over from the provider's books",
      labelNames: ['kind'],
    }),
    makeGaugeProvider({
      name: 'payment_circuit_state',
      help: 'Circuit breaker before the payment provider: 0 closed, 1 half open, 2 open; the worst of all workers',
      aggregator: 'max',
    }),
    makeCounterProvider({
      name: 'payment_circuit_opens_total',
      help: 'Times the payment provider was found to be down',
    }),
  ],
  exports: [
    PaymentsService,
    PaymentRepairService,
    PersonalPaymentsService,
    RefundService,
    ChargeWorker,
    ReconciliationService,
  ],
})
export class PaymentsModule {}
