import { Kafka, logLevel, type Admin, type Consumer } from 'kafkajs';
import { deadLetterTopic, TOPICS } from '../../../src/events/topics';
import { GROUPS } from '../../../src/messaging/kafka/listener-groups';
import { OwnServer } from '../../support/own-server';
import { eventually } from '../../support/eventually';
import { readStack } from '../../support/stack';

const PORT = 4125;
const OURS = `tradepost-own-${PORT}-`;
const SESSION_MS = 10_000;
/** Longer than a stop may take. */
const SILENT_MS = 25_000;

/** The broker waits for a member that went without a word, and until then its group hears of nothing. */
describe('a server that is stopped', () => {
  const kafka = new Kafka({ clientId: 'leaving', brokers: readStack().kafka, logLevel: logLevel.NOTHING });
  const admin: Admin = kafka.admin();

  beforeAll(() => admin.connect());
  afterAll(() => admin.disconnect());

  /** Groups that still count it as theirs. */
  async function groupsOfServer(): Promise<string[]> {
    const { groups } = await admin.describeGroups(Object.values(GROUPS).map(({ name }) => name));
    return groups
      .filter(({ members }) => members.some(({ clientId }) => clientId.startsWith(OURS)))
      .map(({ groupId }) => groupId);
  }

  /** A member that has joined and says nothing for long, as one that was killed: who joins after it waits for it. */
  async function silentMember(groupId: string): Promise<Consumer> {
    const member = kafka.consumer({ groupId, heartbeatInterval: SILENT_MS, sessionTimeout: SILENT_MS + 5_000 });
    const joined = new Promise((resolve) => member.on(member.events.GROUP_JOIN, resolve));
    await member.connect();
    // What falls to it meanwhile is read by the others afterwards.
    await member.subscribe({ topics: Object.values(TOPICS).map(deadLetterTopic) });
    await member.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
    await joined;
    return member;
  }

  it('as soon as it answers, while it still joins its groups, leaves all of them', async () => {
    const server = await OwnServer.start(PORT);
    const { code, ms } = await server.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(SESSION_MS);
    expect(await groupsOfServer()).toEqual([]);
  }, 90_000);

  it('leaves also a group that keeps it waiting, because another member of it says nothing', async () => {
    const { name } = GROUPS.deadLetters;
    const silent = await silentMember(name);
    try {
      const server = await OwnServer.start(PORT);
      await eventually('it to be let in', async () => (await groupsOfServer()).includes(name), SESSION_MS);
      const { code, ms } = await server.stop();
      expect(code).toBe(0);
      expect(ms).toBeLessThan(SESSION_MS);
      expect(await groupsOfServer()).toEqual([]);
    } finally {
      await silent.disconnect();
    }
  }, 90_000);
});
