import { SingleFlight } from './single-flight';

describe('SingleFlight', () => {
  it('loads once for all who ask at the same time, and anew for who comes later', async () => {
    const flight = new SingleFlight<number>();
    let loads = 0;
    const load = async () => {
      loads += 1;
      await new Promise(setImmediate);
      return loads;
    };
    expect(await Promise.all([flight.once('a', load), flight.once('a', load), flight.once('b', load)])).toEqual([
      2, 2, 2,
    ]);
    expect(await flight.once('a', load)).toBe(3);
  });

  it('gives everyone the failure and forgets it', async () => {
    const flight = new SingleFlight<number>();
    const fail = () => Promise.reject(new Error('away'));
    const both = await Promise.allSettled([flight.once('a', fail), flight.once('a', fail)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await flight.once('a', () => Promise.resolve(1))).toBe(1);
  });
});
