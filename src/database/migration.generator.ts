import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Connection } from './connections';

function pascalCase(name: string): string {
  return name.replace(/(?:^|[-_ ]+)(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

function statements(queries: readonly { query: string }[]): string {
  return queries.map(({ query }) => `    await queryRunner.query(${JSON.stringify(query)});`).join('\n');
}

/**
 * Writes a migration that takes the tables to what the entities say, for a person to read and to name its indexes' use.
 * Null when they agree. The new class must be listed in `schema.ts`.
 */
export async function generateMigration(
  source: DataSource,
  connection: Connection,
  name: string,
): Promise<string | null> {
  const { upQueries, downQueries } = await source.driver.createSchemaBuilder().log();
  if (upQueries.length === 0) return null;
  const stamp = Date.now();
  const path = join('migrations', connection, `${stamp}-${name}.ts`);
  const text = `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${pascalCase(name)}${stamp} implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
${statements(upQueries)}
  }

  async down(queryRunner: QueryRunner): Promise<void> {
${statements([...downQueries].reverse())}
  }
}
`;
  await writeFile(path, text);
  return path;
}
