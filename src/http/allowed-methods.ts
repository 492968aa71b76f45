import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppError } from '../common/app-error';

interface Address {
  form: RegExp;
  parameters: number;
  methods: Set<string>;
}

/** `/v1/orders/:id` as a pattern of addresses. */
function formOf(url: string): RegExp {
  const literal = url.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll(/:\w+/g, '[^/]+').replaceAll('*', '.*')}$`);
}

/**
 * An address that is there, asked with a method that it does not take: 405, with `Allow`. The router knows each method's
 * addresses apart, and answers 404. Only what it did not find is looked up here.
 */
export function refuseOtherMethods(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const addresses = new Map<string, Address>();
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url === '*') return;
    const address = addresses.get(url) ?? {
      form: formOf(url),
      parameters: url.split(':').length,
      methods: new Set<string>(),
    };
    for (const each of [method].flat()) address.methods.add(each);
    addresses.set(url, address);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const path = request.url.split('?', 1)[0] ?? '';
    // Of `/products/export` and `/products/:id` the one without a parameter is meant.
    const [meant] = [...addresses.values()]
      .filter(({ form }) => form.test(path))
      .sort((a, b) => a.parameters - b.parameters);
    if (!meant) return done();
    reply.header('Allow', [...meant.methods].sort().join(', '));
    return done(new AppError('method_not_allowed', 'method_not_allowed', `${request.method} is not taken here.`));
  });
}
