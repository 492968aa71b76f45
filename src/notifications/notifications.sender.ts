import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import DataLoader from 'dataloader';
import { createTransport, type Transporter } from 'nodemailer';
import type { Counter } from 'prom-client';
import type { DataSource } from 'typeorm';
import { request } from 'undici';
import { openText } from '../common/sealed-text';
import { BackgroundWork } from '../messaging/background-work';
import { TransitionMetrics } from '../observability/transition-metrics';
import { Settings } from '../settings/settings';
import { NOTIFICATION, type NotificationStatus } from './notification.state';
import { greeting } from './messages.templates';
import {
  MAIL_SEAL,
  NotificationsRepository,
  type Channel,
  type Contact,
  type LeasedNotification,
} from './notifications.repository';
import { isRefusedForGood, SmsRefusedError, UnreadableMailError } from './notifications.errors';

const POLL_MS = 1_000;
const MARK_TOGETHER_MS = 20;
/** One send, whatever it waits for. */
const SEND_WITHIN_MS = 15_000;
/** Longer than a send may take: a leased message is never sent by two at once. */
const LEASE_SECONDS = 30;
/** The mailer's own limits end a stuck connection before the send's deadline, so that it serves the next. */
const CONNECT_WITHIN_MS = 5_000;
const SILENT_FOR_MS = 10_000;
/** A server that closes has 10 s; what is not sent by then is sent again after its lease. */
const CLOSES_AFTER_MS = 6_000;

/** What of one channel is on its way. No more than can go at once: nothing waits in line while its lease runs. */
interface Lane {
  channel: Channel;
  atOnce: number;
  running: Set<Promise<void>>;
}

/**
 * Sends queued mails and SMS, at least once: SMTP has no transactions. The Message-ID is made from the event's id, so a
 * mail sent again after a crash is the same mail. The channels do not wait for each other.
 */
@Injectable()
export class NotificationsSender implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly work: BackgroundWork;
  private readonly logger = new Logger(NotificationsSender.name);
  private readonly mailer: Transporter;
  /** What was sent within a moment is marked by one statement; who dies before that sends the same mail again. */
  private readonly marked = new DataLoader<{ id: string; attempt: number }, boolean>(
    async (sent) => {
      const marked = await this.notifications.markSent(this.database, sent);
      return sent.map(({ id }) => marked.has(id));
    },
    { cache: false, batchScheduleFn: (mark) => setTimeout(mark, MARK_TOGETHER_MS) },
  );
  private readonly deadlines = new Set<AbortController>();
  private closed = false;
  private readonly lanes: Lane[] = [
    { channel: 'email', atOnce: 5, running: new Set() },
    { channel: 'sms', atOnce: 20, running: new Set() },
  ];

  constructor(
    @InjectDataSource('users') private readonly database: DataSource,
    private readonly notifications: NotificationsRepository,
    private readonly transitions: TransitionMetrics,
    @InjectMetric('notifications_sent_total') private readonly sent: Counter<'channel' | 'outcome'>,
    private readonly settings: Settings,
  ) {
    this.mailer = createTransport({
      url: settings.smtpUrl,
      pool: true,
      maxConnections: this.lanes.find(({ channel }) => channel === 'email')?.atOnce,
      connectionTimeout: CONNECT_WITHIN_MS,
      greetingTimeout: CONNECT_WITHIN_MS,
      socketTimeout: SILENT_FOR_MS,
      // The local catcher has a certificate of its own making or none.
      ignoreTLS: settings.smtpUrl.startsWith('smtp://127.0.0.1'),
    });
    this.work = new BackgroundWork({ name: 'notifications', everyMs: POLL_MS, run: () => this.sendDue() });
  }

  onModuleDestroy(): void {
    this.closed = true;
    setTimeout(() => {
      for (const deadline of this.deadlines) deadline.abort();
    }, CLOSES_AFTER_MS).unref();
  }

  /** Sends under way end before the pools close. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.lanes.flatMap(({ running }) => [...running]));
  }

  onApplicationShutdown(): void {
    this.mailer.close();
  }

  private async sendDue(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => this.startLane(lane)));
  }

  private async startLane(lane: Lane): Promise<void> {
    const free = lane.atOnce - lane.running.size;
    if (free <= 0 || this.closed) return;
    const leased = await this.notifications.leaseDue(this.database, lane.channel, LEASE_SECONDS, free);
    for (const notification of leased) {
      const sending = this.send(notification)
        .catch((error: unknown) => this.logger.warn(`${notification.id} waits for its lease: ${String(error)}`))
        .finally(() => {
          lane.running.delete(sending);
          // As many as could go were due: there may be more.
          if (leased.length === free) this.work.wake();
        });
      lane.running.add(sending);
    }
  }

  private async send(notification: LeasedNotification): Promise<void> {
    const { id, channel, attempt, contact } = notification;
    if (contact === null) {
      if (!(await this.notifications.drop(this.database, id, attempt))) await this.refuse(id, 'dropped');
      return;
    }
    try {
      await this.inTime((deadline) =>
        channel === 'email' ? this.sendMail(notification, contact) : this.sendSms(notification, contact, deadline),
      );
    } catch (error) {
      this.sent.inc({ channel, outcome: 'failed' });
      const refused = isRefusedForGood(error);
      const failure = { attempt, refused, error: String(error) };
      const became = await this.notifications.markFailed(this.database, id, failure);
      if (became === null) await this.refuse(id, 'queued');
      if (became === 'dead') this.logger.error(`notification ${id} is given up: ${String(error)}`);
      else this.logger.warn(`notification ${id} is sent again later: ${String(error)}`);
      return;
    }
    this.sent.inc({ channel, outcome: 'sent' });
    if (!(await this.marked.load({ id, attempt }))) await this.refuse(id, 'sent');
  }

  /** Its lease ran out while it was sent, and another sender was faster. */
  private async refuse(id: string, to: NotificationStatus): Promise<void> {
    this.transitions.refused(NOTIFICATION, await this.notifications.statusOf(this.database, id), to);
  }

  /** Ends at the deadline whatever the transport does: a mail cannot be called back, and then goes twice. */
  private async inTime(work: (deadline: AbortSignal) => Promise<unknown>): Promise<void> {
    const deadline = new AbortController();
    const late = new Promise<never>((_resolve, reject) => {
      deadline.signal.addEventListener('abort', () => reject(new Error('not sent in time')));
    });
    const timer = setTimeout(() => deadline.abort(), SEND_WITHIN_MS);
    this.deadlines.add(deadline);
    try {
      await Promise.race([work(deadline.signal), late]);
    } finally {
      clearTimeout(timer);
      this.deadlines.delete(deadline);
    }
  }

  private async sendMail(notification: LeasedNotification, contact: Contact): Promise<void> {
    await this.mailer.sendMail({
      from: this.settings.mailFrom,
      to: contact.email,
      subject: notification.content.subject,
      text: `${firstLineOf(notification, contact)}${this.textOf(notification)}`,
      messageId: `<${notification.eventId}@tradepost>`,
    });
  }

  private textOf({ id, content }: LeasedNotification): string {
    if (!content.sealed) return content.text;
    try {
      return openText(this.settings.dataEncryptionKey, MAIL_SEAL, id, content.text);
    } catch {
      throw new UnreadableMailError();
    }
  }

  private async sendSms(notification: LeasedNotification, contact: Contact, signal: AbortSignal): Promise<void> {
    // The gateway knows customers without a number by their id.
    const to = contact.phone ?? `customer:${notification.userId}`;
    const { statusCode, body } = await request(this.settings.smsUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: notification.eventId, to, text: notification.content.text }),
      signal,
    });
    await body.dump();
    if (statusCode < 200 || statusCode > 299) throw new SmsRefusedError(statusCode);
  }
}

/**
 * A mail about the account goes to whoever typed the address: who only did that must not have the shop write there what
 * they like, and a name may be a text of its own.
 */
function firstLineOf({ orderId, content }: LeasedNotification, { name, emailVerified }: Contact): string {
  if (!content.greets) return '';
  return greeting(orderId !== null || emailVerified ? name : null);
}
