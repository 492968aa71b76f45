import RequestQueue from 'kafkajs/src/network/requestQueue';
import { createKafka } from '../../../src/messaging/kafka/kafka.client';
import { Settings } from '../../../src/settings/settings';

const LATER_MS = 300;

/** Once a millisecond it was, which cost more than all else that an idle server does. */
describe('a connection to Kafka over which nothing waits to be sent', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is not looked at again and again', async () => {
    const looks = jest.spyOn(RequestQueue.prototype, 'checkPendingRequests');
    const admin = createKafka(new Settings()).admin();
    await admin.connect();
    await admin.listTopics();
    const before = looks.mock.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(before).toBeGreaterThan(0);
    expect(looks.mock.calls.length - before).toBeLessThan(10);
    await admin.disconnect();
  });

  it('still sends what the broker wanted to come later', async () => {
    const answered = jest.spyOn(RequestQueue.prototype, 'checkPendingRequests');
    const admin = createKafka(new Settings()).admin();
    await admin.connect();
    const topics = await admin.listTopics();
    const queues: Set<RequestQueue> = new Set(answered.mock.contexts);
    for (const queue of queues) queue.maybeThrottle(LATER_MS);
    const asked = performance.now();
    expect(await admin.listTopics()).toEqual(topics);
    expect(performance.now() - asked).toBeGreaterThan(LATER_MS - 10);
    await admin.disconnect();
  });
});
