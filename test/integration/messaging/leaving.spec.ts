import { Kafka, logLevel, type Admin } from 'kafkajs';
import { GROUPS } from '../../../src/messaging/kafka/listener-groups';
import { OwnServer } from '../../support/own-server';
import { readStack } from '../../support/stack';

const PORT = 4125;
const SESSION_MS = 10_000;

/** The broker waits for a member that went without a word, and until then its group hears of nothing. */
describe('a server that is stopped', () => {
  let admin: Admin;

  beforeAll(async () => {
    const kafka = new Kafka({ clientId: 'leaving', brokers: readStack().kafka, logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
  });
  afterAll(() => admin.disconnect());

  /** Groups that still count it as theirs. */
  async function groupsOf(clientId: string): Promise<string[]> {
    const { groups } = await admin.describeGroups(Object.values(GROUPS).map(({ name }) => name));
    return groups
      .filter(({ members }) => members.some((member) => member.clientId === clientId))
      .map(({ groupId }) => groupId);
  }

  it('as soon as it answers, while it still joins its groups, leaves all of them', async () => {
    const server = await OwnServer.start(PORT);
    const { code, ms } = await server.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SESSION_MS);
    expect(await groupsOf(`tradepost-own-${PORT}`)).toEqual([]);
  }, 90_000);
});
