import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { createTransport, type Transporter } from 'nodemailer';
import type { Counter } from 'prom-client';
import type { DataSource } from 'typeorm';
import { BackgroundWork } from '../messaging/background-work';
import { Settings } from '../settings/settings';
import { NotificationsRepository, type LeasedNotification } from './notifications.repository';

const BATCH = 20;
const POLL_MS = 1_000;
const LEASE_SECONDS = 60;
const SEND_WITHIN_MS = 20_000;
const MOST_TRIES = 50;
const LONGEST_RETRY_SECONDS = 300;

/**
 * Sends queued mails and SMS, at least once: SMTP has no transactions. The Message-ID is made from the event's id, so a
 * mail sent again after a crash is the same mail.
 */
@Injectable()
export class NotificationsSender implements OnApplicationShutdown {
  readonly work: BackgroundWork;
  private readonly logger = new Logger(NotificationsSender.name);
  private readonly mailer: Transporter;

  constructor(
    @InjectDataSource('users') private readonly database: DataSource,
    private readonly notifications: NotificationsRepository,
    @InjectMetric('notifications_sent_total') private readonly sent: Counter<'channel' | 'outcome'>,
    private readonly settings: Settings,
  ) {
    this.mailer = createTransport({
      url: settings.smtpUrl,
      pool: true,
      maxConnections: 4,
      connectionTimeout: SEND_WITHIN_MS,
      greetingTimeout: SEND_WITHIN_MS,
      socketTimeout: SEND_WITHIN_MS,
      // The local catcher has a certificate of its own making or none.
      ignoreTLS: settings.smtpUrl.startsWith('smtp://127.0.0.1'),
    });
    this.work = new BackgroundWork({ name: 'notifications', everyMs: POLL_MS, run: () => this.sendDue() });
  }

  onApplicationShutdown(): void {
    this.mailer.close();
  }

  private async sendDue(): Promise<void> {
    const due = await this.notifications.leaseDue(this.database, LEASE_SECONDS, BATCH);
    await Promise.all(due.map((notification) => this.send(notification)));
    if (due.length === BATCH) this.work.wake();
  }

  private async send(notification: LeasedNotification): Promise<void> {
    try {
      if (notification.channel === 'email') await this.sendMail(notification);
      else await this.sendSms(notification);
    } catch (error) {
      this.sent.inc({ channel: notification.channel, outcome: 'failed' });
      const dead = notification.tries >= MOST_TRIES;
      const text = `notification ${notification.id}, try ${notification.tries}: ${String(error)}`;
      if (dead) this.logger.error(text);
      else this.logger.warn(text);
      const seconds = Math.min(LONGEST_RETRY_SECONDS, 2 ** Math.min(notification.tries, 9));
      await this.notifications.markFailed(this.database, notification.id, { dead, seconds, error: String(error) });
      return;
    }
    this.sent.inc({ channel: notification.channel, outcome: 'sent' });
    await this.notifications.markSent(this.database, notification.id);
  }

  private async sendMail(notification: LeasedNotification): Promise<void> {
    await this.mailer.sendMail({
      from: this.settings.mailFrom,
      to: notification.recipient,
      subject: notification.content.subject,
      text: notification.content.text,
      messageId: `<${notification.eventId}@tradepost>`,
    });
  }

  private async sendSms(notification: LeasedNotification): Promise<void> {
    const response = await fetch(this.settings.smsUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: notification.eventId, to: notification.recipient, text: notification.content.text }),
      signal: AbortSignal.timeout(SEND_WITHIN_MS),
    });
    if (!response.ok) throw new Error(`the SMS gateway answered ${response.status}`);
  }
}
