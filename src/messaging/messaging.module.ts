import { Global, Module } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Inbox } from './inbox/inbox.service';
import { ListenerMetrics } from './kafka/listener.metrics';
import { TopicProvisioner } from './kafka/topic.provisioner';
import { OutboxMetrics } from './outbox/outbox.metrics';
import { Outbox } from './outbox/outbox.service';
import { RelayRunner } from './outbox/relay.runner';
import { RepublishService } from './outbox/republish.service';

/** How events leave (outbox, relay) and come in (group listeners, inbox). Owns those two tables in each database. */
@Global()
@Module({
  providers: [
    Outbox,
    Inbox,
    OutboxMetrics,
    RelayRunner,
    RepublishService,
    TopicProvisioner,
    ListenerMetrics,
    makeCounterProvider({
      name: 'inbox_duplicates_total',
      help: 'Events that a group had dealt with before',
      labelNames: ['group'],
    }),
    makeCounterProvider({
      name: 'events_handled_total',
      help: 'Events taken by listener groups: handled, retried, dead-lettered, or skipped as meant for another group',
      labelNames: ['group', 'topic', 'outcome'],
    }),
    makeCounterProvider({
      name: 'outbox_published_total',
      help: 'Events that the relay brought to Kafka',
      labelNames: ['database'],
    }),
    makeGaugeProvider({
      name: 'outbox_unpublished_events',
      help: 'Events that wait to be published',
      labelNames: ['database'],
    }),
    makeGaugeProvider({
      name: 'outbox_oldest_unpublished_seconds',
      help: 'Age of the oldest event that waits to be published',
      labelNames: ['database'],
    }),
  ],
  exports: [Outbox, Inbox, RelayRunner, RepublishService, TopicProvisioner, ListenerMetrics],
})
export class MessagingModule {}
