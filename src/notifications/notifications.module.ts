import { Module } from '@nestjs/common';
import { makeCounterProvider } from '@willsoto/nestjs-prometheus';
import { NotificationsConsumer } from './notifications.consumer';
import { NotificationsRepository } from './notifications.repository';
import { NotificationsSender } from './notifications.sender';
import { NotificationsService } from './notifications.service';
import { PersonalMessagesRepository } from './personal-messages.repository';
import { PersonalMessagesService } from './personal-messages.service';

@Module({
  controllers: [NotificationsConsumer],
  providers: [
    NotificationsRepository,
    NotificationsService,
    NotificationsSender,
    PersonalMessagesRepository,
    PersonalMessagesService,
    makeCounterProvider({
      name: 'notifications_sent_total',
      help: 'Mails and SMS: sent, or failed and tried again',
      labelNames: ['channel', 'outcome'],
    }),
  ],
  exports: [NotificationsSender, NotificationsService, PersonalMessagesService],
})
export class NotificationsModule {}
