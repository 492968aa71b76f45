import { EndpointsRepository, type Listening } from '../../../src/webhooks/endpoints.repository';
import type { Executor } from '../../../src/database/sql';
import { eventually } from '../../support/eventually';
import { confirmed, WebhookDesk } from './webhook-desk';

class CountedEndpoints extends EndpointsRepository {
  asked = 0;

  override listening(executor: Executor): Promise<Listening> {
    this.asked += 1;
    return super.listening(executor);
  }
}

const claims = (desk: WebhookDesk) =>
  desk.rows(`SELECT event_id FROM inbox WHERE listener_group = 'tradepost-webhooks'`);

describe('events for those outside', () => {
  let desk: WebhookDesk;
  beforeEach(async () => {
    desk = await WebhookDesk.open();
  }, 60_000);
  afterEach(() => desk.close());

  it('are claimed only while somebody listens, and asked about once in two seconds', async () => {
    const endpoints = new CountedEndpoints();
    const listener = desk.listener(endpoints);
    for (let i = 0; i < 50; i += 1) await listener.take([confirmed()]);
    expect(endpoints.asked).toBe(1);
    expect(await claims(desk)).toEqual([]);
  });

  it('are one delivery an endpoint, however often they come', async () => {
    const [one, other] = [await desk.integrator(), await desk.integrator()];
    const shipped = await desk.integrator(['order.shipped']);
    const [first, second] = [confirmed(), confirmed()];
    await desk.listener().take([first, second, first]);
    await desk.listener().take([first]);
    await Promise.all([desk.listener().take([second, first]), desk.listener().take([first, second])]);
    for (const integrator of [one, other]) {
      const ids = (await desk.deliveriesOf(integrator)).map(({ event_id: id }) => id);
      expect(ids.sort()).toEqual([first.id, second.id].sort());
    }
    expect(await desk.deliveriesOf(shipped)).toEqual([]);
    expect(await claims(desk)).toHaveLength(2);
    // The table alone would keep a second one away as well.
    await desk.rows('DELETE FROM inbox');
    await desk.listener().take([first]);
    expect(await desk.deliveriesOf(one)).toHaveLength(2);
  });

  it('that happen before an endpoint listens are not for it, those after it all', async () => {
    const listener = desk.listener();
    // It believes that nobody listens when the endpoint comes.
    await listener.take([confirmed()]);
    const wanted = { url: desk.receiver.url('new'), description: '', eventTypes: ['order.confirmed' as const] };
    const { endpoint } = await desk.endpoints.create(wanted, desk.admin);
    expect(endpoint.listensFrom.getTime() - endpoint.createdAt.getTime()).toBe(5_000);
    const after = confirmed(new Date(endpoint.listensFrom.getTime() + 1));
    await eventually('it to listen', () => Promise.resolve(Date.now() > endpoint.listensFrom.getTime()));
    const before = confirmed(new Date(endpoint.listensFrom.getTime() - 1));
    await listener.take([before, after]);
    const made = await desk.deliveriesOf({ id: endpoint.id, path: 'new', secret: '' });
    expect(made.map(({ event_id: id }) => id)).toEqual([after.id]);
  });

  it('that happened before an endpoint was disabled wait for it, however late they come', async () => {
    const [disabled, deleted] = [await desk.integrator(), await desk.integrator()];
    const before = confirmed();
    await eventually('time to pass', () => Promise.resolve(Date.now() > Date.parse(before.time)));
    await desk.endpoints.edit(disabled.id, { enabled: false }, { versions: null }, desk.admin);
    await desk.endpoints.remove(deleted.id, { versions: null }, desk.admin);
    const { disabledAt } = await desk.endpoints.get(disabled.id);
    const after = confirmed(disabledAt ?? undefined);
    await desk.listener().take([after]);
    expect(await claims(desk)).toEqual([]);
    await desk.listener().take([before, after]);
    expect(await desk.deliveriesOf(disabled)).toEqual([expect.objectContaining({ event_id: before.id, tries: 0 })]);
    expect(await desk.deliveriesOf(deleted)).toEqual([]);
  });
});
