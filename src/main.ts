import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module';
import { refuseOtherMethods } from './http/allowed-methods';
import { allowOrigins } from './http/cross-origin';
import { serveDocs } from './http/openapi/docs.page';
import { ProblemFilter, refuseAddress, refuseUnreadable } from './http/problem.filter';
import { requestIdOf, useRequestContext } from './http/request-context';
import { answerInTime } from './http/request-timeout';
import { sendSecurityHeaders } from './http/security-headers';
import { acceptUploads } from './http/uploads';
import { requestValidation } from './http/validation';
import { BackgroundJobs } from './background.jobs';
import { GroupListener } from './messaging/kafka/group.listener';
import { leaveGroups } from './messaging/kafka/groups.departure';
import { GROUPS } from './messaging/kafka/listener-groups';
import { ListenerMetrics } from './messaging/kafka/listener.metrics';
import { TopicProvisioner } from './messaging/kafka/topic.provisioner';
import { RelayRunner } from './messaging/outbox/relay.runner';
import { createLogger } from './observability/logger';
import { RequestMetrics } from './observability/request-metrics';
import { Settings } from './settings/settings';
import { outgoingWebhooks } from './webhooks/webhooks.document';

const SHUTDOWN_WITHIN_MS = 10_000;
/** Who joins a group waits until each other member has ended its fetch (1 s) and sent its next heartbeat (2 s). */
const STARTED_WITHIN_MS = 4_000;
const SILENT_FOR_MS = 2_000;
const MAX_BODY_BYTES = 1_048_576;

/** Builds the app of this process, ready to listen; what it then does depends on its role. */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    // Nginx is the one hop in front of us; what else came in X-Forwarded-For was written by the client.
    trustProxy: (_address: string, hop: number) => hop === 0,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: settings.requestTimeoutMs,
    // A closing server finishes what it has; Nginx sends new requests to the other one.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Each route says what of a form it takes.
    multipart: true,
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: refuseAddress,
    genReqId: (request: IncomingMessage) => requestIdOf(request.headers['x-request-id']),
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter, {
    logger: createLogger(settings, 'stored'),
    rawBody: true,
  });
  answerInTime(app, settings.requestTimeoutMs);
  useRequestContext(app);
  sendSecurityHeaders(app);
  allowOrigins(app, settings.corsOrigins);
  refuseOtherMethods(app);
  acceptUploads(app);
  app.get(RequestMetrics).observe(app);
  app.useGlobalPipes(requestValidation());
  app.useGlobalFilters(new ProblemFilter());
  return app;
}

/** Listeners, relays and jobs. Topics come first: a consumer of a missing topic fails. */
async function startBackground(app: NestFastifyApplication, settings: Settings): Promise<void> {
  const metrics = app.get(ListenerMetrics);
  for (const group of Object.values(GROUPS)) {
    app.connectMicroservice({ strategy: new GroupListener(group, settings, metrics) });
  }
  await app.init();
  app.get(RelayRunner).start();
  app.get(BackgroundJobs).start();
  await app.get(TopicProvisioner).provisionWhenUp();
  await app.startAllMicroservices();
}

/**
 * Node takes a connection that never sent a request for one that is about to, and a closing server waits for it. Gives what
 * ends those.
 */
function watchSilentConnections(server: Server): () => void {
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  return () => {
    for (const socket of silent) socket.destroy();
  };
}

/**
 * On SIGTERM: no new requests, those running end, consumers stop, pools close; by force after ten seconds. A consumer that
 * is just joining cannot leave its group by itself: `starting` is let end first, if it does soon.
 */
function closeOnSignal(app: NestFastifyApplication, settings: Settings, starting: () => Promise<void>): void {
  let closing = false;
  const endSilentConnections = watchSilentConnections(app.getHttpServer());
  // A connection that was busy when we began to close would else be kept alive, and the server with it.
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (_request, reply, _payload, done) => {
      if (closing) reply.header('Connection', 'close');
      done();
    });
  const close = (): void => {
    if (closing) return;
    closing = true;
    setTimeout(() => process.exit(1), SHUTDOWN_WITHIN_MS).unref();
    setTimeout(endSilentConnections, SILENT_FOR_MS).unref();
    const started = starting().catch(() => undefined);
    void Promise.race([started, wait(STARTED_WITHIN_MS, undefined, { ref: false })])
      .then(() => app.close())
      // Also when a pool did not close well.
      .finally(() => (settings.runsBackground ? leaveGroups(settings) : undefined))
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}

export async function start(settings: Settings): Promise<void> {
  const app = await createApp(settings);
  let starting = Promise.resolve();
  closeOnSignal(app, settings, () => starting);
  if (settings.servesHttp) {
    serveDocs(app, settings, outgoingWebhooks());
    await app.listen(settings.port, settings.host);
  }
  if (settings.runsBackground) starting = startBackground(app, settings);
  await starting;
}
