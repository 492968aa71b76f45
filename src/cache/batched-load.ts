/** Asked for one by one, read together: what is asked for in one turn of the event loop is one `loadAll`. */
export class BatchedLoad<T> {
  private batch: { keys: Set<string>; loaded: Promise<Map<string, T>> } | null = null;

  constructor(private readonly loadAll: (keys: readonly string[]) => Promise<Map<string, T>>) {}

  async load(key: string): Promise<T | null> {
    const batch = (this.batch ??= this.begin());
    batch.keys.add(key);
    return (await batch.loaded).get(key) ?? null;
  }

  private begin() {
    const keys = new Set<string>();
    const loaded = new Promise(setImmediate).then(() => {
      this.batch = null;
      return this.loadAll([...keys]);
    });
    return { keys, loaded };
  }
}
