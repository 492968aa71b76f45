import { SingleFlight } from './single-flight';

describe('SingleFlight', () => {
  const turn = () => new Promise(setImmediate);

  it('asks once for the first, and once more for all who come meanwhile', async () => {
    const flight = new SingleFlight<number>();
    let loads = 0;
    const load = async () => {
      const mine = ++loads;
      await turn();
      return mine;
    };
    const asked = ['a', 'a', 'a', 'a'].map((name) => flight.once(name, load));
    expect(await Promise.all([...asked, flight.once('b', load)])).toEqual([1, 3, 3, 3, 2]);
    expect(await flight.once('a', load)).toBe(4);
  });

  it('never answers with what was begun before it was asked', async () => {
    const flight = new SingleFlight<string>();
    let stored = 'old';
    const load = async () => {
      const seen = stored;
      await turn();
      return seen;
    };
    const before = flight.once('a', load);
    stored = 'new';
    expect([await flight.once('a', load), await before]).toEqual(['new', 'old']);
  });

  it('gives a failure to those who shared it, and goes on', async () => {
    const flight = new SingleFlight<number>();
    const fail = () => Promise.reject(new Error('away'));
    const both = await Promise.allSettled([flight.once('a', fail), flight.once('a', () => Promise.resolve(1))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await flight.once('a', () => Promise.resolve(2))).toBe(2);
  });
});
