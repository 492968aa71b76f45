import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { AuditRepository } from '../../../src/audit/audit.repository';
import { AuditService } from '../../../src/audit/audit.service';
import { Clock } from '../../../src/common/clock';
import type { DomainEvent } from '../../../src/events/envelope';
import { Inbox } from '../../../src/messaging/inbox/inbox.service';
import { Settings } from '../../../src/settings/settings';
import { AddressPolicy } from '../../../src/webhooks/address.policy';
import { DeliveriesRepository } from '../../../src/webhooks/deliveries.repository';
import { DeliveriesService } from '../../../src/webhooks/deliveries.service';
import { DeliveryWorker } from '../../../src/webhooks/delivery.worker';
import { EndpointSecretsService } from '../../../src/webhooks/endpoint-secrets.service';
import { EndpointsRepository } from '../../../src/webhooks/endpoints.repository';
import { EndpointsService } from '../../../src/webhooks/endpoints.service';
import { FanOutRepository } from '../../../src/webhooks/fan-out.repository';
import { FanOutService } from '../../../src/webhooks/fan-out.service';
import type { WebhookEventType } from '../../../src/webhooks/public-event.view';
import { SendingRepository } from '../../../src/webhooks/sending.repository';
import { WebhookSender } from '../../../src/webhooks/webhook.sender';
import { eventually } from '../../support/eventually';
import { ScratchDatabase } from '../../support/scratch-database';
import { Receiver } from './receiver';

const METERS = [
  'webhook_attempts_total',
  'webhook_deliveries_due',
  'webhook_oldest_due_seconds',
  'inbox_duplicates_total',
];

export interface Delivery {
  id: string;
  event_id: string;
  status: string;
  tries: number;
  last_status: number | null;
  last_error: string | null;
  waits: number;
}

export interface Attempt {
  outcome: string;
  status: number | null;
  error: string | null;
  response: string | null;
}

/** Someone's endpoint, and the secret that was shown. */
export interface Integrator {
  id: string;
  path: string;
  secret: string;
}

/** Webhooks by themselves: a real orders database, receivers over HTTP, and no Kafka. */
export class WebhookDesk {
  readonly admin = randomUUID();

  private constructor(
    readonly receiver: Receiver,
    readonly database: DataSource,
    private readonly scratch: ScratchDatabase,
    private readonly module: TestingModule,
  ) {}

  static async open(): Promise<WebhookDesk> {
    // What goes wrong here goes wrong on purpose.
    Logger.overrideLogger(false);
    const receiver = new Receiver();
    await receiver.open();
    const scratch = await ScratchDatabase.create('orders');
    const database = await scratch.open();
    await database.runMigrations();
    const env = {
      ...Settings.REQUIRED_FOR_DESCRIPTION,
      WEBHOOK_HTTP: 'allowed',
      WEBHOOK_PRIVATE_HOSTS: '127.0.0.1/32',
    };
    const module = await Test.createTestingModule({
      providers: [
        ...[AddressPolicy, EndpointSecretsService, EndpointsRepository, EndpointsService, FanOutRepository],
        ...[FanOutService, SendingRepository, WebhookSender, DeliveryWorker, DeliveriesRepository],
        ...[DeliveriesService, AuditRepository, AuditService, Inbox, Clock],
        { provide: Settings, useValue: new Settings(env) },
        { provide: getDataSourceToken('orders'), useValue: database },
        ...METERS.map((name) => ({
          provide: getToken(name),
          useValue: { inc: () => undefined, set: () => undefined, reset: () => undefined },
        })),
      ],
    }).compile();
    const desk = new WebhookDesk(receiver, database, scratch, module);
    desk.worker.work.start();
    return desk;
  }

  async close(): Promise<void> {
    await this.worker.work.stop();
    await this.worker.settled();
    await this.module.close();
    await this.receiver.close();
    await this.scratch.drop();
  }

  get endpoints(): EndpointsService {
    return this.module.get(EndpointsService);
  }

  get deliveries(): DeliveriesService {
    return this.module.get(DeliveriesService);
  }

  get sender(): WebhookSender {
    return this.module.get(WebhookSender);
  }

  get worker(): DeliveryWorker {
    return this.module.get(DeliveryWorker);
  }

  /** One more, as of another server; started when the test says so. */
  anotherWorker(): DeliveryWorker {
    return new DeliveryWorker(
      this.database,
      this.module.get(SendingRepository),
      this.endpoints,
      this.module.get(EndpointSecretsService),
      this.sender,
      this.module.get<Counter<'outcome'>>(getToken('webhook_attempts_total')),
      this.module.get<Gauge>(getToken('webhook_deliveries_due')),
      this.module.get<Gauge>(getToken('webhook_oldest_due_seconds')),
    );
  }

  /** A listener, as of another server: it knows nothing of what others asked. */
  listener(endpoints = this.module.get(EndpointsRepository)): FanOutService {
    return new FanOutService(
      this.database,
      endpoints,
      this.module.get(FanOutRepository),
      this.module.get(Inbox),
      this.worker,
    );
  }

  /** Listens from an hour ago on, at an address of its own. */
  async integrator(
    eventTypes: WebhookEventType[] = ['order.confirmed'],
    receiver = this.receiver,
  ): Promise<Integrator> {
    const path = randomUUID();
    const wanted = { url: receiver.url(path), description: '', eventTypes };
    const { endpoint, secret } = await this.endpoints.create(wanted, this.admin);
    await this.rows(`UPDATE webhook_endpoints SET listens_from = now() - interval '1 hour' WHERE id = $1`, [
      endpoint.id,
    ]);
    return { id: endpoint.id, path, secret };
  }

  rows<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    return this.database.query(text, values);
  }

  deliveriesOf({ id }: Integrator): Promise<Delivery[]> {
    return this.rows(
      `SELECT id, event_id, status, tries, last_status, last_error,
              extract(epoch FROM next_try_at - now())::double precision AS waits
       FROM webhook_deliveries WHERE endpoint_id = $1 ORDER BY created_at, id`,
      [id],
    );
  }

  attemptsOf(delivery: Delivery): Promise<Attempt[]> {
    return this.rows(
      'SELECT outcome, status, error, response FROM webhook_attempts WHERE delivery_id = $1 ORDER BY id',
      [delivery.id],
    );
  }

  /** Its only delivery, once `when` holds. */
  delivery(integrator: Integrator, when: (delivery: Delivery) => boolean): Promise<Delivery> {
    return eventually('the delivery', async () => {
      const [delivery] = await this.deliveriesOf(integrator);
      return delivery !== undefined && when(delivery) && delivery;
    });
  }

  /** As if the pause before its next try were over. */
  async due({ id }: Delivery): Promise<void> {
    await this.rows('UPDATE webhook_deliveries SET next_try_at = now() WHERE id = $1', [id]);
    this.worker.wake();
  }
}

/** An order's event, as it comes from Kafka; happened just now unless told otherwise. */
export function confirmed(time = new Date()): DomainEvent {
  const orderId = uuidv7();
  const price = { amount: '19.99', currency: 'USD' };
  return {
    specversion: '1.0',
    id: uuidv7(),
    type: 'order.confirmed',
    source: 'https://shop.example/orders',
    subject: orderId,
    time: time.toISOString(),
    datacontenttype: 'application/json',
    dataschema: 'https://shop.example/events/order.confirmed/v1',
    sequence: '00000000000000000001',
    orderid: orderId,
    data: {
      number: 'TP-1',
      userId: randomUUID(),
      checkoutId: randomUUID(),
      paymentId: randomUUID(),
      total: price,
      items: [{ productId: randomUUID(), sku: 'SKU-1', name: 'Lantern', quantity: 1, unitPrice: price }],
    },
  };
}
