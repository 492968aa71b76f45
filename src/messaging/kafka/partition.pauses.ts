const FIRST_MS = 250;
const LONGEST_MS = 5_000;

/** A partition of a topic. */
export interface Place {
  topic: string;
  partition: number;
}

/** How long a partition waits before the same events are tried again: doubling with each failure in a row. */
export class PartitionPauses {
  private readonly failures = new Map<string, number>();

  failed(place: Place): void {
    this.failures.set(nameOf(place), (this.failures.get(nameOf(place)) ?? 0) + 1);
  }

  over(place: Place): void {
    this.failures.delete(nameOf(place));
  }

  next(place: Place): number {
    const failures = this.failures.get(nameOf(place)) ?? 1;
    return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  }
}

export function nameOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`;
}
