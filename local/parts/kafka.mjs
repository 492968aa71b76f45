// @ts-check
/** A real Kafka broker in KRaft mode, broker and controller in one Java process. */
import fs from 'node:fs';
import path from 'node:path';
import { kafkaPrograms } from '../setup/kafka-jars.mjs';
import { run } from '../setup/programs.mjs';
import { folderOf } from '../stack/folders.mjs';
import { isGiven, ROOT } from '../stack/plan.mjs';
import { secretsOf } from '../stack/secrets.mjs';
import { kafkaBrokers } from '../stack/settings.mjs';

const CONFIGURATION = path.join(ROOT, 'config', 'kafka');

/** @param {import('../stack/plan.mjs').Plan} plan */
function writeProperties(plan) {
  const folder = folderOf(plan, 'data', 'kafka');
  const logs = path.join(folder, 'log');
  const { kafka: port, kafkaController: controller } = plan.ports;
  // Clients go on talking to the address a broker tells them: that of a proxy, when they are to go through one.
  const advertised = plan.environment.KAFKA_ADVERTISED_PORT || port;
  const own = [
    '# This stack',
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${advertised}`,
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `log.dirs=${logs}`,
  ];
  const properties = path.join(folder, 'server.properties');
  const shared = fs.readFileSync(path.join(CONFIGURATION, 'server.properties'), 'utf8');
  fs.writeFileSync(properties, `${shared}\n${own.join('\n')}\n`);
  return { folder, logs, properties };
}

/** @type {import('./all-parts.mjs').Part} */
export const kafka = {
  name: 'kafka',
  instances: (plan) =>
    isGiven(plan, 'kafka')
      ? []
      : [{ id: 'kafka', title: 'kafka', ports: [plan.ports.kafka, plan.ports.kafkaController] }],
  obtain: () => kafkaPrograms(),
  async launch(plan) {
    const { java, classPath } = await kafkaPrograms();
    const { folder, logs, properties } = writeProperties(plan);
    const heap = plan.mode === 'test' ? '256m' : '512m';
    const logging = `-Dlog4j2.configurationFile=${path.join(CONFIGURATION, 'log4j2.xml')}`;
    const base = [`-Xmx${heap}`, '-XX:+UseSerialGC', '-Xshare:auto', logging, '-cp', classPath];
    if (!fs.existsSync(path.join(logs, 'meta.properties'))) {
      const format = [
        'format',
        '--cluster-id',
        secretsOf(plan).kafkaCluster,
        '--config',
        properties,
        '--ignore-formatted',
      ];
      await run(java, ['-XX:TieredStopAtLevel=1', ...base, 'kafka.tools.StorageTool', ...format], { cwd: folder });
    }
    return { command: java, args: [...base, 'kafka.Kafka', properties], cwd: folder };
  },
  async answers(plan) {
    const { default: kafkajs } = await import('kafkajs');
    const client = new kafkajs.Kafka({
      brokers: [kafkaBrokers(plan)],
      logLevel: kafkajs.logLevel.NOTHING,
      connectionTimeout: 1000,
      requestTimeout: 3000,
      retry: { retries: 0 },
    });
    const admin = client.admin();
    try {
      await admin.connect();
      const { brokers } = await admin.describeCluster();
      if (brokers.length === 0) throw new Error('the broker has not joined yet');
    } finally {
      await admin.disconnect().catch(() => {});
    }
  },
  readySeconds: 90,
  stopSignal: 'SIGTERM',
  graceSeconds: 20,
};
