import type { EnvironmentReader } from './environment.reader';

export interface WebhookSettings {
  secretsKey: string;
  webhookHttp: 'refused' | 'allowed';
  webhookPrivateHosts: string[];
}

/** How secrets are kept, and where outgoing webhooks may go. */
export function readWebhookSettings(read: EnvironmentReader, environment: string): WebhookSettings {
  const secretsKey = read.text('SECRETS_KEY', {
    pattern: /^[A-Za-z0-9+/]{43}=$/,
    meaning: 'Encrypts secrets kept in the databases, as those that sign outgoing webhooks: 32 bytes in base64',
  });
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
  return { secretsKey, webhookHttp, webhookPrivateHosts };
}
