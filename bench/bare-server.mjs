// @ts-check
/**
 * What a request costs where nothing is done, in a process of its own: `nest` is an empty route of Nest on Fastify,
 * `redis` a bare Node handler that answers with one key of Redis. Says its port on standard output.
 */
import http from 'node:http';
import Redis from 'ioredis';

async function listenEmptyNest() {
  await import('reflect-metadata');
  const { Controller, Get, Module } = await import('@nestjs/common');
  const { NestFactory } = await import('@nestjs/core');
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  class EmptyController {
    answer() {
      return '{}';
    }
  }
  const { value: answer } = Object.getOwnPropertyDescriptor(EmptyController.prototype, 'answer') ?? {};
  Get('empty')(EmptyController.prototype, 'answer', { value: answer });
  Controller()(EmptyController);
  class EmptyModule {}
  Module({ controllers: [EmptyController] })(EmptyModule);
  const app = await NestFactory.create(EmptyModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  return app.getHttpServer().address().port;
}

/** @param {string} url @param {string} key */
async function listenBareRedis(url, key) {
  const redis = new Redis(url);
  const server = http.createServer((_request, response) => {
    redis.get(key).then(
      (text) => response.writeHead(200, { 'content-type': 'application/json' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

const [kind, url = '', key = ''] = process.argv.slice(2);
const port = kind === 'nest' ? await listenEmptyNest() : await listenBareRedis(url, key);
process.stdout.write(`${port}\n`);
