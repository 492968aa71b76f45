import type { EnvironmentReader } from './environment.reader';

export interface WebhookSettings {
  webhookHttp: 'refused' | 'allowed';
  webhookPrivateHosts: string[];
}

/** Where outgoing webhooks may go. */
export function readWebhookSettings(read: EnvironmentReader, environment: string): WebhookSettings {
  const webhookHttp = read.choice('WEBHOOK_HTTP', ['refused', 'allowed'], {
    default: 'refused',
    meaning: 'Whether outgoing webhooks may go over plain http: for tests; refused in production',
  });
  const webhookPrivateHosts = read
    .text('WEBHOOK_PRIVATE_HOSTS', {
      default: '',
      pattern: /^[^\s,]+(,[^\s,]+)*$/,
      meaning:
        'Host names and networks (CIDR), with commas, that outgoing webhooks may reach although they are private',
    })
    .split(',')
    .filter((host) => host !== '');
  if (environment === 'production' && webhookHttp === 'allowed') {
    read.problems.push('WEBHOOK_HTTP must be refused in production');
  }
  return { webhookHttp, webhookPrivateHosts };
}
