import { Global, Module } from '@nestjs/common';
import { makeCounterProvider } from '@willsoto/nestjs-prometheus';
import { Inbox } from './inbox/inbox.service';
import { ListenerMetrics } from './kafka/listener.metrics';
import { TopicProvisioner } from './kafka/topic.provisioner';
import { Outbox } from './outbox/outbox.service';
import { RelayRunner } from './outbox/relay.runner';
import { RepublishEvents } from './outbox/republish-events.service';

/** How events leave (outbox, relay) and come in (group listeners, inbox). Owns those two tables in each database. */
@Global()
@Module({
  providers: [
    Outbox,
    Inbox,
    RelayRunner,
    RepublishEvents,
    TopicProvisioner,
    ListenerMetrics,
    makeCounterProvider({
      name: 'inbox_duplicates_total',
      help: 'Events that a group had dealt with before',
      labelNames: ['group'],
    }),
    makeCounterProvider({
      name: 'events_handled_total',
      help: 'Events taken by listener groups: handled, retried or dead-lettered',
      labelNames: ['group', 'topic', 'outcome'],
    }),
  ],
  exports: [Outbox, Inbox, RelayRunner, RepublishEvents, TopicProvisioner, ListenerMetrics],
})
export class MessagingModule {}
