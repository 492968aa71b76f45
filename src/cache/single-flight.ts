/**
 * When a popular entry ends, one reader of this process asks the database and the others take its answer. Who asks for
 * a name must be content with an answer that was already on its way.
 */
export class SingleFlight<T> {
  private readonly flights = new Map<string, Promise<T>>();

  once(name: string, load: () => Promise<T>): Promise<T> {
    const running = this.flights.get(name);
    if (running) return running;
    const flight = load().finally(() => this.flights.delete(name));
    this.flights.set(name, flight);
    return flight;
  }
}
