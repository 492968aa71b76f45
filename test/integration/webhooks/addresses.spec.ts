import { Agent, request } from 'undici';
import { Settings } from '../../../src/settings/settings';
import { AddressPolicy } from '../../../src/webhooks/address.policy';
import { WebhookSender } from '../../../src/webhooks/webhook.sender';
import { Receiver } from './receiver';

const policyOf = (env: Record<string, string> = {}) =>
  new AddressPolicy(new Settings({ ...Settings.REQUIRED_FOR_DESCRIPTION, ...env }));

/** Each stands for an address within, however it is written. */
const PRIVATE = [
  '127.0.0.1',
  '127.1',
  '127.8.8.8',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '0.0.0.0',
  '0',
  '10.0.0.8',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '192.0.0.1',
  '192.0.2.7',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '[::]',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:10.0.0.1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::a00:1]',
  '[2002:7f00:1::]',
  '[2001::1]',
  '[2001:db8::1]',
  '[fe80::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[ff02::1]',
  '[100::1]',
  '[4000::1]',
];

describe('where webhooks may go', () => {
  const policy = policyOf();

  it.each(PRIVATE)('not to %s', async (host) => {
    expect(policy.faultOf(`https://${host}/hook`)).toBe('is not a public address');
    expect(await policy.faultNow(`https://${host}/hook`)).toBe('is not a public address');
  });

  it.each(['localhost', 'LOCALHOST'])('not to %s, a name of 127.0.0.1', async (host) => {
    expect(await policy.faultNow(`https://${host}/hook`)).toBe('is not a public address');
  });

  it.each([
    ['http://8.8.8.8/hook', 'must begin with https://'],
    ['ftp://8.8.8.8/hook', 'must begin with https://'],
    ['file:///etc/passwd', 'must begin with https://'],
    ['https://user:word@8.8.8.8/', 'must not hold a user or a password'],
    ['https://user@8.8.8.8/', 'must not hold a user or a password'],
    ['https://8.8.8.8:22/', 'must have one of the ports 443, 8443'],
    ['https://8.8.8.8:6379/', 'must have one of the ports 443, 8443'],
    ['https://', 'is not a URL'],
    ['hook', 'is not a URL'],
    ['https://999.1.1.1/', 'is not a URL'],
  ])('not to %s', (url, fault) => {
    expect(policy.faultOf(url)).toBe(fault);
  });

  it('nor to a host that no name server knows', async () => {
    expect(await policy.faultNow('https://nobody.invalid/')).toBe('has a host that no name server knows');
  });

  it.each([
    'https://8.8.8.8/hook',
    'https://[2606:4700::1111]:8443/',
    'https://[::ffff:8.8.8.8]/',
    'https://a.example/',
  ])('but to %s', (url) => {
    expect(policy.faultOf(url)).toBeNull();
  });

  it('and to what the shop lists, by network or by name', async () => {
    const listed = policyOf({ WEBHOOK_PRIVATE_HOSTS: '10.1.0.0/16,localhost,fd00::/8' });
    for (const host of ['10.1.2.3:9000', '[::ffff:10.1.2.3]', '[fd00::1]', 'localhost:9000']) {
      expect(await listed.faultNow(`https://${host}/`)).toBeNull();
    }
    expect(listed.faultOf('https://10.2.0.1/')).toBe('is not a public address');
    expect(() => policyOf({ NODE_ENV: 'production', WEBHOOK_HTTP: 'allowed' })).toThrow('WEBHOOK_HTTP');
  });
});

/** What was public when somebody looked may be private when it is connected to. */
describe('a connection', () => {
  const receiver = new Receiver();
  beforeAll(() => receiver.open());
  afterAll(() => receiver.close());

  it('is not made to a name that has come to mean 127.0.0.1', async () => {
    const policy = policyOf({ WEBHOOK_HTTP: 'allowed' });
    // As it was seen before.
    policy.faultOf = () => null;
    const sender = new WebhookSender(policy);
    const secrets = [`whsec_${Buffer.alloc(32).toString('base64')}`];
    const message = { url: receiver.url('rebound', 'localhost'), messageId: 'one', body: '{}', secrets };
    expect(await sender.send(message)).toMatchObject({
      outcome: 'address_refused',
      status: null,
      error: 'localhost is not a public address',
    });
    expect(receiver.messages).toEqual([]);
    await sender.onModuleDestroy();
  });

  it('is made to a name that is listed', async () => {
    const { lookup } = policyOf({ WEBHOOK_PRIVATE_HOSTS: 'localhost' });
    for (const autoSelectFamily of [true, false]) {
      const agent = new Agent({ connect: { lookup, autoSelectFamily, family: 4 } });
      const { statusCode } = await request(receiver.url('listed', 'localhost'), { dispatcher: agent });
      expect(statusCode).toBe(204);
      await agent.close();
    }
  });
});
