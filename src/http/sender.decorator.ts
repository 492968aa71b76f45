import { isIPv4, isIPv6 } from 'node:net';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { withoutMarkup } from '../common/plain-text';

/** From where a request came. */
export interface Sender {
  /** What is counted as one address: an IPv4 address, or the /64 that one IPv6 customer has. */
  address: string;
  /** As much of the address as people need to know a place again: /24 or /48. */
  ipPrefix: string;
  userAgent: string | null;
}

const MOST_USER_AGENT = 255;

/** The first groups of an IPv6 address, without leading zeros. */
function groupsOf(ip: string, count: number): string {
  const [head = '', tail] = (ip.split('%')[0] ?? '').toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return groups
    .slice(0, count)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

const withoutMapping = (ip: string): string => ip.replace(/^::ffff:(?=\d+\.)/i, '');

/** What is counted as one address. */
export function addressOf(ip: string): string {
  if (!ip.includes(':')) return ip;
  const plain = withoutMapping(ip);
  return isIPv6(plain) ? `${groupsOf(plain, 4)}::/64` : plain;
}

export function senderOf(ip: string, userAgent: string | undefined): Sender {
  const plain = withoutMapping(ip);
  const address = addressOf(ip);
  // People see it in the list of their sessions.
  const whole = userAgent && withoutMarkup(userAgent.replace(/\p{Cc}/gu, '').slice(0, MOST_USER_AGENT));
  // Cleaned it may be longer.
  const text = whole?.slice(0, MOST_USER_AGENT);
  const agent = text ? { userAgent: text } : { userAgent: null };
  if (isIPv4(plain)) return { address, ipPrefix: `${plain.split('.').slice(0, 3).join('.')}.0/24`, ...agent };
  if (isIPv6(plain)) return { address, ipPrefix: `${groupsOf(plain, 3)}::/48`, ...agent };
  return { address, ipPrefix: plain, ...agent };
}

/** From where this request came; behind Nginx, by what Nginx says. */
export const SentFrom = createParamDecorator((_: unknown, context: ExecutionContext): Sender => {
  const { ip, headers } = context.switchToHttp().getRequest<FastifyRequest>();
  return senderOf(ip, headers['user-agent']);
});
