import type { Type } from '@nestjs/common';
import { getSchemaPath } from '@nestjs/swagger';
import type { OutgoingWebhooks } from '../http/openapi/api.document';
import {
  WebhookCancelledOrderDto,
  WebhookFailedPaymentDto,
  WebhookLowStockDto,
  WebhookOrderDto,
  WebhookOrderInShipmentDto,
  WebhookRefundedPaymentDto,
  WebhookShippedOrderDto,
  WebhookStockDto,
  WebhookSucceededPaymentDto,
  WebhookTestDto,
} from './dto/public-event.dto';
import { TEST_EVENT, type PublicEvent } from './public-event.view';

/** What each says, and its `data`. */
const MESSAGES: Record<PublicEvent['type'], [string, Type]> = {
  'order.created': ['An order was placed', WebhookOrderDto],
  'order.confirmed': ['An order is paid', WebhookOrderDto],
  'order.processing': ['An order is being packed', WebhookOrderInShipmentDto],
  'order.shipped': ['An order is on its way', WebhookShippedOrderDto],
  'order.delivered': ['An order has arrived', WebhookOrderInShipmentDto],
  'order.cancelled': ['An order has ended before it was shipped', WebhookCancelledOrderDto],
  'payment.succeeded': ['A payment was taken', WebhookSucceededPaymentDto],
  'payment.failed': ['A payment was not taken', WebhookFailedPaymentDto],
  'payment.refunded': ['Money went back', WebhookRefundedPaymentDto],
  'inventory.updated': ['What is on hand of a product changed', WebhookStockDto],
  'inventory.low_stock': ['A product is about to be sold out', WebhookLowStockDto],
  [TEST_EVENT]: ['Staff try an endpoint out', WebhookTestDto],
};

const HEADERS = {
  WebhookId: {
    name: 'webhook-id',
    description: 'The id of the event, the same over all tries: who knows it has it already.',
    schema: { type: 'string', format: 'uuid' },
  },
  WebhookTimestamp: {
    name: 'webhook-timestamp',
    description: 'When this try was sent, in seconds since 1970.',
    schema: { type: 'integer' },
  },
  WebhookSignature: {
    name: 'webhook-signature',
    description: 'By Standard Webhooks 1.0: `v1,` and base64, one for each secret, with a space between.',
    schema: { type: 'string' },
  },
};

const ANSWERS = {
  '2XX': { description: 'It has arrived. Anything else, within 15 s or later, is tried again for three days.' },
  '410': { description: 'Nobody is here any more: the endpoint is disabled.' },
};

/** `inventory.low_stock` as `InventoryLowStock`. */
function pascalCase(type: string): string {
  return type.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** What the shop sends, for the API's document; the classes are those that `public-event.view.ts` satisfies. */
export function outgoingWebhooks(): OutgoingWebhooks {
  const described: OutgoingWebhooks = { operations: {}, schemas: {}, parameters: {}, models: [] };
  for (const [name, { schema, ...header }] of Object.entries(HEADERS)) {
    described.parameters[name] = { ...header, in: 'header', required: true, schema };
  }
  for (const [type, [summary, data]] of Object.entries(MESSAGES)) {
    const name = `${pascalCase(type)}Message`;
    described.models.push(data);
    described.schemas[name] = {
      type: 'object',
      required: ['type', 'timestamp', 'data'],
      properties: {
        type: { type: 'string', enum: [type] },
        timestamp: { type: 'string', format: 'date-time', description: 'When it happened' },
        data: { $ref: getSchemaPath(data) },
      },
    };
    described.operations[type] = {
      post: {
        operationId: `on${pascalCase(type)}`,
        summary,
        description: `Fields may be added: pass over those you do not know.`,
        tags: ['webhooks'],
        security: [],
        parameters: Object.keys(HEADERS).map((header) => ({ $ref: `#/components/parameters/${header}` })),
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
        },
        responses: ANSWERS,
      },
    };
  }
  return described;
}
