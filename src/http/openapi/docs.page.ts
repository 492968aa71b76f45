import { createHash } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule, type OpenAPIObject, type SwaggerCustomOptions } from '@nestjs/swagger';
import type { RouteOptions } from 'fastify';
import type { Settings } from '../../settings/settings';
import { buildOpenApi, type OutgoingWebhooks } from './api.document';
import { javascriptSnippets, wholeFilter } from './docs.plugins';

const PATH = 'docs';

/** A lamp: that of the demo's pictures, so small that it is part of the page. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#173647"/><path d="M8 24 13 8h6l5 16z" fill="#f6c453"/><path d="M14 26h4v2h-4z" fill="#f6c453"/></svg>`;

const UI: NonNullable<SwaggerCustomOptions['swaggerOptions']> = {
  // Without the bar on top, whose logo would write styles into the page: there is but one document to choose.
  layout: 'BaseLayout',
  // The token stays over a reload, in this browser; "Logout" forgets it.
  persistAuthorization: true,
  tryItOutEnabled: true,
  filter: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 3,
  requestSnippetsEnabled: true,
  requestSnippets: {
    generators: {
      curl_bash: { title: 'curl', syntax: 'bash' },
      javascript: { title: 'JavaScript', syntax: 'javascript' },
      curl_powershell: { title: 'curl (PowerShell)', syntax: 'powershell' },
    },
    languages: ['curl_bash', 'javascript', 'curl_powershell'],
  },
  // By default a page that is not on localhost asks validator.swagger.io about itself.
  validatorUrl: null,
  plugins: [wholeFilter, javascriptSnippets],
};

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * What the page may do: load from this server alone, and talk to it alone. Its scripts are files. The few styles that
 * @nestjs/swagger writes into the page are let in one by one, as it wrote them.
 */
export function policyOf(page: string): string {
  const styles = [...page.matchAll(/<style>([^]*?)<\/style>/g), ...page.matchAll(/ style="([^"]*)"/g)];
  return [
    "default-src 'none'",
    "script-src 'self'",
    ["style-src 'self' 'unsafe-hashes'", ...styles.map(([, style]) => hashOf(style ?? ''))].join(' '),
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** To be called before the routes are made. Pages under `/docs` that are not Swagger UI's bring a policy of their own. */
function protectPages(app: NestFastifyApplication): void {
  const isOurs = ({ url }: RouteOptions): boolean => url === `/${PATH}` || url.startsWith(`/${PATH}/`);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      if (!isOurs(route)) return;
      route.onSend = (_request, reply, payload, done) => {
        if (!reply.hasHeader('Content-Security-Policy')) {
          void reply.header('Content-Security-Policy', policyOf(typeof payload === 'string' ? payload : ''));
        }
        done(null, payload);
      };
    });
}

/** Swagger UI at `/docs`, the document at `/docs-json` and `/docs-yaml`. */
export function serveDocs(app: NestFastifyApplication, settings: Settings, webhooks: OutgoingWebhooks): void {
  const build = (): OpenAPIObject => {
    const document = buildOpenApi(app, webhooks);
    const isLive = settings.environment === 'production';
    const description = isLive ? 'The shop by its public address' : 'The whole stack, by way of Nginx';
    document.servers?.push({ url: settings.publicUrl, description });
    document.info.contact = { name: 'Tradepost', email: addressOf(settings.mailFrom) };
    return document;
  };
  protectPages(app);
  SwaggerModule.setup(PATH, app, build, {
    jsonDocumentUrl: `${PATH}-json`,
    yamlDocumentUrl: `${PATH}-yaml`,
    customSiteTitle: 'Tradepost API',
    customfavIcon: `data:image/svg+xml;base64,${Buffer.from(ICON).toString('base64')}`,
    swaggerOptions: UI,
  });
}

/** `Shop <orders@shop.example>` or the address alone. */
function addressOf(sender: string): string {
  return /<([^>]+)>/.exec(sender)?.[1] ?? sender;
}
