import { Module } from '@nestjs/common';
import { makeCounterProvider } from '@willsoto/nestjs-prometheus';
import { UsersModule } from '../users/users.module';
import { NotificationsConsumer } from './notifications.consumer';
import { NotificationsRepository } from './notifications.repository';
import { NotificationsSender } from './notifications.sender';
import { NotificationsService } from './notifications.service';

@Module({
  imports: [UsersModule],
  controllers: [NotificationsConsumer],
  providers: [
    NotificationsRepository,
    NotificationsService,
    NotificationsSender,
    makeCounterProvider({
      name: 'notifications_sent_total',
      help: 'Mails and SMS: sent, or failed and tried again',
      labelNames: ['channel', 'outcome'],
    }),
  ],
  exports: [NotificationsSender, NotificationsService],
})
export class NotificationsModule {}
