import { Module } from '@nestjs/common';
import { HistoryModule } from '../history/history.module';
import { OrdersModule } from '../orders/orders.module';
import { ArchiveJob } from './archive.job';

@Module({ imports: [OrdersModule, HistoryModule], providers: [ArchiveJob], exports: [ArchiveJob] })
export class ArchiveModule {}
