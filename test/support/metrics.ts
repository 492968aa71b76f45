/** One sample of `/metrics`, as `orders_total{status="paid"}`, added up over these servers; null where none has it. */
export async function metric(serverUrls: readonly string[], sample: string): Promise<number | null> {
  const values = await Promise.all(
    serverUrls.map(async (url) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${sample} `));
      return line === undefined ? null : Number(line.slice(sample.length));
    }),
  );
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
