// @ts-check
/** PostgreSQL, as its owner. */
import pg from 'pg';

/** Leaves no connection behind, whatever happens: a stack that ends would end us with it. @template T @param {string} url @param {(client: pg.Client) => Promise<T>} work @returns {Promise<T>} */
export async function withDatabase(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** @param {string} url @param {string} text @param {unknown[]} [parameters] @returns {Promise<any[]>} */
export const rowsOf = (url, text, parameters = []) =>
  withDatabase(url, async (client) => (await client.query(text, parameters)).rows);
