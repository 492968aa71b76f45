import fc from 'fast-check';
import { SentSteps } from './sent-steps.record';
import { rankOf, type Step } from './step.types';

function step(id: string, at: number, revision = 'told'): Step {
  return {
    id,
    at: new Date(at),
    source: 'order',
    type: 'order.created',
    detail: {},
    failure: null,
    traceId: null,
    revision,
    rank: rankOf('event'),
  };
}

const newOf = (sent: SentSteps, steps: readonly Step[]): string[] =>
  steps.filter((one) => sent.add(one)).map(({ id }) => id);

describe('what was sent', () => {
  it('is sent once, wherever the stream was cut and whatever shows up late', () => {
    const steps = Array.from({ length: 40 }, (_, index) => step(`step-${index}`, 1_000_000 + index));
    fc.assert(
      fc.property(fc.shuffledSubarray(steps, { minLength: 1 }), fc.nat(39), (shownInThisOrder, cut) => {
        const first = new SentSteps();
        const before = newOf(first, shownInThisOrder.slice(0, cut));
        const after = newOf(SentSteps.from(String(first)), steps);
        expect([...before, ...after].sort()).toEqual(steps.map(({ id }) => id).sort());
      }),
    );
  });

  it('comes again when more is known of it', () => {
    const sent = new SentSteps();
    expect(newOf(sent, [step('try', 1, 'started'), step('try', 1, 'started')])).toEqual(['try']);
    expect(newOf(SentSteps.from(String(sent)), [step('try', 1, 'failed')])).toEqual(['try']);
  });

  it('fits into a header however long the order lasts', () => {
    const sent = new SentSteps();
    const steps = Array.from({ length: 5_000 }, (_, index) => step(`step-${index}`, 1_764_000_000_000 + index));
    newOf(sent, steps);
    expect(String(sent).length).toBeLessThan(700);
    expect(newOf(SentSteps.from(String(sent)), [...steps, step('news', 1_764_000_010_000)])).toEqual(['news']);
  });

  it.each([undefined, '', '42', 'x.abc', '0.######', `0.${'a'.repeat(1206)}`])('%s is no id of ours', (id) => {
    expect(newOf(SentSteps.from(id), [step('first', 1)])).toEqual(['first']);
  });
});
