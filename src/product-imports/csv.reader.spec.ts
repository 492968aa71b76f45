import { readRows } from './csv.reader';
import type { FileRow } from './import.types';

async function rowsOf(...pieces: Buffer[]): Promise<FileRow[]> {
  async function* source(): AsyncGenerator<Buffer> {
    yield* pieces;
  }
  const rows: FileRow[] = [];
  for await (const row of readRows(source())) rows.push(row);
  return rows;
}

describe('the lines of a file', () => {
  const same = (end: string): [string, FileRow[]] => [
    `a,b${end}1,"x${end}y"${end}${end}2,"z"${end}3,w`,
    [
      [1, ['a', 'b']],
      [2, ['1', `x${end}y`]],
      [5, ['2', 'z']],
      [6, ['3', 'w']],
    ],
  ];

  it.each<[string, FileRow[]]>([
    same('\n'),
    same('\r\n'),
    same('\r'),
    [
      'a,b\n1,x\r\n2,"y"\r\n3,"two\r\nlines"\r4,z\n',
      [
        [1, ['a', 'b']],
        [2, ['1', 'x']],
        [3, ['2', 'y']],
        [4, ['3', 'two\r\nlines']],
        [6, ['4', 'z']],
      ],
    ],
    [
      '\ufeffa,b\r1,x\n2,y\r\n',
      [
        [1, ['a', 'b']],
        [2, ['1', 'x']],
        [3, ['2', 'y']],
      ],
    ],
  ])('%j end as each of them does, wherever its bytes are parted', async (text, rows) => {
    const bytes = Buffer.from(text);
    expect(await rowsOf(bytes)).toEqual(rows);
    expect(await rowsOf(...[...bytes].map((byte) => Buffer.from([byte])))).toEqual(rows);
    for (let at = 1; at < bytes.length; at += 1) {
      expect(await rowsOf(bytes.subarray(0, at), bytes.subarray(at))).toEqual(rows);
    }
  });
});
