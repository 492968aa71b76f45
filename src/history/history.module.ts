import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ArchiveService } from './archive.service';
import { HistoryConsumer } from './history.consumer';
import { PersonalHistoryService } from './personal-history.service';
import { ORDER_HISTORY, OrderHistorySchema } from './schemas/order-history.schema';
import { ORDER_TIMELINE, OrderTimelineSchema } from './schemas/order-timeline.schema';
import { TimelineService } from './timeline.service';

@Module({
  imports: [
    MongooseModule.forFeature([
      { name: ORDER_HISTORY, schema: OrderHistorySchema },
      { name: ORDER_TIMELINE, schema: OrderTimelineSchema },
    ]),
  ],
  controllers: [HistoryConsumer],
  providers: [ArchiveService, TimelineService, PersonalHistoryService],
  exports: [ArchiveService, TimelineService, PersonalHistoryService],
})
export class HistoryModule {}
