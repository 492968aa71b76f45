import { Outage } from './outage';

describe('an outage', () => {
  const lines: string[] = [];
  const logger = { log: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };
  const refused = new Error('refused');

  beforeEach(() => {
    lines.length = 0;
    jest.useFakeTimers({ now: 0 });
  });
  afterEach(() => jest.useRealTimers());

  it('of hours: pauses grow to 5 s, one line a minute tells of it, and one of its end', () => {
    const outage = new Outage(logger, 'it');
    const pauses: number[] = [];
    while (Date.now() < 3 * 3600 * 1000) {
      const pause = outage.failed(refused);
      pauses.push(pause);
      jest.setSystemTime(Date.now() + pause);
    }
    expect(pauses.slice(0, 6)).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000]);
    expect(Math.max(...pauses)).toBe(5_000);
    expect(lines.length).toBeGreaterThan(160);
    expect(lines.length).toBeLessThanOrEqual(180);
    expect(lines[0]).toBe('it waits (failure 1, 0 s): refused');
    outage.over();
    outage.over();
    expect(lines.filter((line) => line.startsWith('it goes on after'))).toHaveLength(1);
  });

  it('that comes and goes is told of once a minute, and begins again with a short pause', () => {
    const outage = new Outage(logger, 'it');
    for (let i = 0; i < 30; i += 1) {
      expect(outage.failed(refused)).toBe(500);
      outage.over();
      jest.setSystemTime(Date.now() + 1_000);
    }
    expect(lines).toHaveLength(1);
  });
});
