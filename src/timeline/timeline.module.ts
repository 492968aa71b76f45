import { Module } from '@nestjs/common';
import { makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { AuthModule } from '../auth/auth.module';
import { HistoryModule } from '../history/history.module';
import { OrdersModule } from '../orders/orders.module';
import { DeadLetterStepsRepository } from './dead-letter-steps.repository';
import { EventsRepository } from './events.repository';
import { HoldStepsRepository } from './hold-steps.repository';
import { MessageStepsRepository } from './message-steps.repository';
import { OrderFeed } from './order-feed.service';
import { OrderStreamService } from './order-stream.service';
import { OrderTimelineService } from './order-timeline.service';
import { PaymentStepsRepository } from './payment-steps.repository';
import { StepsReader } from './steps.reader';
import { TimelineController } from './timeline.controller';

@Module({
  imports: [OrdersModule, HistoryModule, AuthModule],
  controllers: [TimelineController],
  providers: [
    EventsRepository,
    PaymentStepsRepository,
    HoldStepsRepository,
    MessageStepsRepository,
    DeadLetterStepsRepository,
    StepsReader,
    OrderTimelineService,
    OrderFeed,
    OrderStreamService,
    makeGaugeProvider({ name: 'order_streams_open', help: 'Streams of orders being followed now' }),
  ],
})
export class TimelineModule {}
