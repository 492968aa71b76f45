import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { Settings } from '../settings/settings';
import type { Guests } from './access.decorators';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

type StatedOperation = object & { security?: object[]; 'x-public'?: boolean; 'x-guests'?: Guests };

/** Each operation states its security: `[]` where anyone may call, else a bearer token, or a guest's where one will do. */
function stateSecurity(document: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation: StatedOperation | undefined = path[method];
      if (!operation) continue;
      const { 'x-guests': guests } = operation;
      const withGuests = guests ? [{ bearer: [] }, { cartToken: [] }, ...(guests === 'new' ? [{}] : [])] : undefined;
      operation.security = operation['x-public'] ? [] : (withGuests ?? [{ bearer: [] }]);
      delete operation['x-public'];
      delete operation['x-guests'];
    }
  }
  return document;
}

/** A file that is the body is a text, not a form with a file in it. */
function describeFiles(document: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const body = path[method]?.requestBody;
      const file = body && 'content' in body ? body.content['text/csv'] : undefined;
      if (file) file.schema = { type: 'string' };
    }
  }
  return document;
}

export function buildOpenApi(app: NestFastifyApplication, settings: Settings): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Tradepost')
    .setDescription('The commerce backend of a small shop. Errors are RFC 9457 problem documents with a stable `code`.')
    .setVersion('1')
    .addServer(settings.publicUrl)
    .addBearerAuth()
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Cart-Token', description: "A guest's cart" }, 'cartToken')
    .build();
  return describeFiles(stateSecurity(SwaggerModule.createDocument(app, config)));
}

/** Swagger UI at `/docs`, the document at `/docs-json`. */
export function serveDocs(app: NestFastifyApplication, settings: Settings): void {
  SwaggerModule.setup('docs', app, () => buildOpenApi(app, settings), { jsonDocumentUrl: 'docs-json' });
}
