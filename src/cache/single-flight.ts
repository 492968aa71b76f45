interface Flight<T> {
  running: Promise<T>;
  next: Promise<T> | null;
}

/**
 * Of all in this process who ask for the same name, one asks at a time. Who comes while one is under way shares the
 * next, which begins when that one ends: an answer that was begun before someone asked may be older than what they wrote.
 */
export class SingleFlight<T> {
  private readonly flights = new Map<string, Flight<T>>();

  once(name: string, load: () => Promise<T>): Promise<T> {
    const flight = this.flights.get(name);
    if (!flight) return this.begin(name, load);
    flight.next ??= flight.running.then(
      () => this.begin(name, load),
      () => this.begin(name, load),
    );
    return flight.next;
  }

  private begin(name: string, load: () => Promise<T>): Promise<T> {
    const running = load();
    const flight: Flight<T> = { running, next: null };
    this.flights.set(name, flight);
    const end = (): void => {
      if (flight.next === null) this.flights.delete(name);
    };
    running.then(end, end);
    return running;
  }
}
