import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AnalyticsConsumer } from './analytics.consumer';
import { AnalyticsService } from './analytics.service';
import { PersonalAnalyticsService } from './personal-analytics.service';
import { SALE_EVENTS, SaleEventSchema } from './sale-event.schema';

@Module({
  imports: [MongooseModule.forFeature([{ name: SALE_EVENTS, schema: SaleEventSchema }])],
  controllers: [AnalyticsConsumer],
  providers: [AnalyticsService, PersonalAnalyticsService],
  exports: [AnalyticsService, PersonalAnalyticsService],
})
export class AnalyticsModule {}
