import type { INestApplication, Type } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { ProblemDto } from '../problem.dto';
import { addExamples } from './examples.document';
import { isObject, type Json } from './json';
import { linkAnswers } from './links.document';
import { describeProblems } from './problems.document';
import { describeParameters } from './parameters.document';
import { finishSchemas } from './schemas.document';
import { describeAnswers, describeFiles, renameSchemas, shareParameters, stateSecurity, TAGS } from './shared.document';

const DESCRIPTION = `The commerce backend of a small shop.

Errors are RFC 9457 problem documents with a stable \`code\`; all of them are listed at [/docs/errors](/docs/errors).
What happens is told in Kafka: its events, as AsyncAPI describes them, are at [/docs/events](/docs/events).
Money is \`{"amount": "19.99", "currency": "USD"}\`, times are UTC. Lists that grow go on by \`cursor\`. A request that must
not be done twice takes an \`Idempotency-Key\`: anything new for each such thing.

**To try it out** in a shop with demo data, execute [a login](#/auth/authLogin) as it stands, give its \`accessToken\` to
*Authorize*, and go on: [into the cart](#/cart/cartAdd), [a checkout](#/checkout/checkoutCreate),
[an order](#/checkout/checkoutPlace) of the checkout's \`id\`, and [how it fares](#/orders/ordersGet).`;

type Components = NonNullable<OpenAPIObject['components']>;

/**
 * What the shop sends to integrators, as OpenAPI's `webhooks`. The room that sends them has the list, and whoever builds
 * the document hands it in.
 */
export interface OutgoingWebhooks {
  /** Name of the event to the operation it is posted with. */
  operations: NonNullable<OpenAPIObject['webhooks']>;
  /** What they point at, and no route does. */
  schemas: NonNullable<Components['schemas']>;
  parameters: NonNullable<Components['parameters']>;
  models: Type[];
}

/** Who renames a class or a method renames an operation: `npm run openapi:diff` says so. */
function operationId(controller: string, method: string): string {
  const room = controller.replace(/Controller$/, '').replace(/^(\w+)Admin$/, 'Admin$1');
  const id = `${room}${method.charAt(0).toUpperCase()}${method.slice(1)}`;
  return `${id.charAt(0).toLowerCase()}${id.slice(1)}`;
}

/** @nestjs/swagger reads the code; what it does not know of 3.1 and of this shop is added here, in one place. */
export function buildOpenApi(app: INestApplication, webhooks: OutgoingWebhooks): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tradepost')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'The server this document came from')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The `accessToken` of a login' })
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'tpk_…', description: 'The key of an integration' },
      'apiKey',
    )
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Cart-Token', description: "A guest's cart" }, 'cartToken');
  for (const [name, description] of Object.entries(TAGS)) config.addTag(name, description);
  const document = SwaggerModule.createDocument(app, config.build(), {
    operationIdFactory: operationId,
    extraModels: [ProblemDto, ...webhooks.models],
  });
  document.webhooks = webhooks.operations;
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...webhooks.schemas },
    parameters: { ...document.components?.parameters, ...webhooks.parameters },
  };
  const json: unknown = document;
  if (isObject(json)) finish(json);
  return document;
}

function finish(document: Json): void {
  describeFiles(document);
  finishSchemas(document);
  describeProblems(document);
  describeAnswers(document);
  stateSecurity(document);
  addExamples(document);
  describeParameters(document);
  linkAnswers(document);
  shareParameters(document);
  renameSchemas(document);
}
