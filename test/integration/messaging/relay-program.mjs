// One relay in a process of its own: <database URL> <name>. Kafka and the rest come from the environment.
import { Logger } from '@nestjs/common';
import relays from '../../../dist/src/messaging/outbox/outbox.relay.js';
import producers from '../../../dist/src/messaging/kafka/fresh.producer.js';
import settings from '../../../dist/src/settings/settings.js';

const [url, name] = process.argv.slice(2);
const producer = new producers.FreshProducer(new settings.Settings());
new relays.OutboxRelay(name, url, producer, 'test', new Logger(name)).start();
