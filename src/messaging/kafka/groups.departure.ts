import { setTimeout } from 'node:timers/promises';
import { logLevel } from 'kafkajs';
import Cluster from 'kafkajs/src/cluster';
import { createLogger } from 'kafkajs/src/loggers';
import createSocketFactory from 'kafkajs/src/network/socketFactory';
import type { Settings } from '../../settings/settings';
import { listenersClientId } from './kafka.client';
import { GROUPS } from './listener-groups';

const LEAVE_WITHIN_MS = 1_500;

/**
 * Leaves each group that still counts this process as its member: one whose other members take long to join again (one of
 * them was killed) answers our own join late, and until then kafkajs does not leave, nor would Kafka read it on that
 * connection. Gone without a word, we would be waited for like the killed one. The last thing before the process ends:
 * a consumer told that it is no member begins to join anew. A broker that is away forgets us by itself.
 */
export async function leaveGroups(settings: Settings): Promise<void> {
  const clientId = listenersClientId(settings);
  const cluster = new Cluster({
    logger: createLogger({ level: logLevel.NOTHING, logCreator: () => () => undefined }),
    socketFactory: createSocketFactory(),
    brokers: settings.kafkaBrokers,
    clientId,
    connectionTimeout: LEAVE_WITHIN_MS,
    requestTimeout: LEAVE_WITHIN_MS,
    enforceRequestTimeout: true,
    metadataMaxAge: 300_000,
    maxInFlightRequests: null,
    retry: { retries: 0 },
  });
  const left = cluster
    .connect()
    .then(() => cluster.refreshMetadata())
    .then(() => Promise.allSettled(Object.values(GROUPS).map(({ name }) => leaveGroup(cluster, name, clientId))))
    .catch(() => undefined);
  await Promise.race([left, setTimeout(LEAVE_WITHIN_MS, undefined, { ref: false })]);
}

async function leaveGroup(cluster: Cluster, groupId: string, clientId: string): Promise<void> {
  const coordinator = await cluster.findGroupCoordinator({ groupId });
  const { groups } = await coordinator.describeGroups({ groupIds: [groupId] });
  const ours = groups.flatMap(({ members }) => members).filter((member) => member.clientId === clientId);
  await Promise.all(ours.map(({ memberId }) => coordinator.leaveGroup({ groupId, memberId })));
}
