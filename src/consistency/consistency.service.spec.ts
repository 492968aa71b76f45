import { confirmed } from './consistency.service';
import type { Finding } from './consistency.types';

const finding = (key: string, more: Partial<Finding> = {}): Finding => ({
  invariant: 'event.unhandled',
  key,
  ids: [key],
  detail: `seen ${key}`,
  repair: 'none',
  ...more,
});
const keys = (findings: readonly Finding[]) => findings.map(({ key }) => key);

describe('two readings', () => {
  it('tell of what both show, in the words of the second', () => {
    const found = confirmed(
      [finding('gone'), finding('there')],
      [finding('there', { detail: 'seen again' }), finding('new')],
    );
    expect(found).toMatchObject([{ key: 'there', detail: 'seen again' }]);
  });

  it('take another breach of the same thing for another', () => {
    expect(confirmed([finding('a')], [finding('a', { invariant: 'event.unpublished' })])).toEqual([]);
  });

  it('wait for a line that moves, and tell of one that stands still', () => {
    const line = (queue: string, ...names: string[]) => names.map((name) => finding(name, { queue }));
    const first = [...line('moving', 'a', 'b', 'c'), ...line('stuck', 'd', 'e')];
    const second = [...line('moving', 'b', 'c'), ...line('stuck', 'd', 'e')];
    expect(keys(confirmed(first, second))).toEqual(['d', 'e']);
  });
});
