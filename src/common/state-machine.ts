/**
 * What one kind of thing may become, as one table. A move that is not in it changes nothing, and is counted by whoever
 * refuses it.
 */
export class StateMachine<State extends string> {
  constructor(
    readonly name: string,
    readonly states: readonly State[],
    private readonly table: Readonly<Record<State, readonly State[]>>,
  ) {}

  allows(from: State, to: State): boolean {
    return this.table[from].includes(to);
  }

  successorsOf(from: State): readonly State[] {
    return this.table[from];
  }

  /** The states that may become this one: the condition of the UPDATE that makes the move. */
  sourcesOf(to: State): State[] {
    return this.states.filter((from) => this.allows(from, to));
  }

  /** Nothing changes any more. */
  isFinal(state: State): boolean {
    return this.table[state].length === 0;
  }
}
