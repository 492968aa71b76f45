import fc from 'fast-check';
import { StateMachine } from './state-machine';

const STATES = ['a', 'b', 'c', 'd', 'e'] as const;
type State = (typeof STATES)[number];

const successors = fc.subarray([...STATES]);
const table: fc.Arbitrary<Record<State, State[]>> = fc.record({
  a: successors,
  b: successors,
  c: successors,
  d: successors,
  e: successors,
});
const state = fc.constantFrom(...STATES);

describe('a state machine', () => {
  it('names as sources of a state exactly those that may become it', () => {
    fc.assert(
      fc.property(table, state, state, (moves, from, to) => {
        const machine = new StateMachine('thing', STATES, moves);
        expect(machine.sourcesOf(to).includes(from)).toBe(moves[from].includes(to));
        expect(machine.allows(from, to)).toBe(moves[from].includes(to));
        expect(machine.successorsOf(from)).toEqual(moves[from]);
      }),
    );
  });

  it('is at its end where nothing follows', () => {
    fc.assert(
      fc.property(table, state, (moves, from) => {
        const machine = new StateMachine('thing', STATES, moves);
        expect(machine.isFinal(from)).toBe(STATES.every((to) => !machine.allows(from, to)));
      }),
    );
  });
});
