// @ts-check
/** COPY into PostgreSQL. */
import { once } from 'node:events';
import { from as copyFrom } from 'pg-copy-streams';

/** One line of COPY's text format. @param {(string | number | boolean | null)[]} fields */
export const line = (fields) =>
  `${fields.map((field) => (field === null ? '\\N' : String(field).replace(/[\\\t\n\r]/g, '\\$&'))).join('\t')}\n`;

/** @param {import('pg').Client} client @param {string} into table and columns @param {string[]} lines */
export async function copyLines(client, into, lines) {
  const stream = client.query(copyFrom(`COPY ${into} FROM STDIN`));
  const done = once(stream, 'finish');
  for (let at = 0; at < lines.length; at += 1000) {
    if (!stream.write(lines.slice(at, at + 1000).join(''))) await once(stream, 'drain');
  }
  stream.end();
  await done;
}
