import { senderOf } from './sender.decorator';

describe('from where a request came', () => {
  it.each([
    ['203.0.113.77', '203.0.113.77', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:DB8::6', '2001:db8:0:0::/64', '2001:db8:0::/48'],
    ['::1', '0:0:0:0::/64', '0:0:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64', 'fe80:0:0::/48'],
  ])('%s is counted as %s and shown as %s', (ip, address, ipPrefix) => {
    expect(senderOf(ip, undefined)).toEqual({ address, ipPrefix, userAgent: null });
  });

  it('keeps of a user agent what fits into a line', () => {
    expect(senderOf('203.0.113.1', 'Browser\t1').userAgent).toBe('Browser1');
    expect(senderOf('203.0.113.1', 'x'.repeat(300)).userAgent).toHaveLength(255);
    expect(senderOf('203.0.113.1', '<a'.repeat(127)).userAgent).toHaveLength(255);
    expect(senderOf('203.0.113.1', '').userAgent).toBeNull();
  });
});
