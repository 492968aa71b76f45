import { Logger, Module, type DynamicModule } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Connection as MongoConnection } from 'mongoose';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { Settings } from '../settings/settings';
import { CONNECTIONS, connectionOptions, type Connection } from './connections';

/** Of its own the driver waits for a server that hangs for ever. Ours are single documents and short lists. */
const MONGO_OPTIONS = {
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  // A read is tried twice, so its caller waits for as much as double.
  socketTimeoutMS: 2_500,
  maxPoolSize: 10,
};
const MONGO_RETRY_MS = 2_000;

const POSTGRES_RETRY_MS = 2_000;

/** A server may start while one database is down: it serves what does not need it, and connects when it is back. */
async function connectWhenUp(connection: Connection, options?: DataSourceOptions): Promise<DataSource> {
  if (!options) throw new Error(`the ${connection} connection has no options`);
  const source = new DataSource(options);
  const logger = new Logger('PostgreSQL');
  const tryAgain = (error: unknown): void => {
    logger.warn(`the ${connection} database does not answer, trying again: ${String(error)}`);
    setTimeout(() => void source.initialize().catch(tryAgain), POSTGRES_RETRY_MS).unref();
  };
  await source.initialize().catch(tryAgain);
  return source;
}

/** The driver comes back by itself once it was connected; only a first connection that failed must be tried again. */
function keepConnecting(connection: MongoConnection, url: string): MongoConnection {
  const logger = new Logger('MongoDB');
  connection.on('error', (error: Error) => logger.warn(error.message));
  const retry = (): void => {
    setTimeout(() => void connection.openUri(url, MONGO_OPTIONS).catch(retry), MONGO_RETRY_MS).unref();
  };
  connection.asPromise().catch(retry);
  return connection;
}

/** The three named PostgreSQL connections and MongoDB. Which entity belongs where is told by the app (`schema.ts`). */
@Module({})
export class DatabaseModule {
  static forRoot(entities: Record<Connection, NonNullable<DataSourceOptions['entities']>>): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        ...CONNECTIONS.map((connection) =>
          TypeOrmModule.forRootAsync({
            name: connection,
            inject: [Settings],
            useFactory: (settings: Settings) => connectionOptions(connection, entities[connection], settings),
            dataSourceFactory: (options) => connectWhenUp(connection, options),
          }),
        ),
        MongooseModule.forRootAsync({
          inject: [Settings],
          useFactory: (settings: Settings) => ({
            uri: settings.mongoUrl,
            // A server starts without MongoDB: only history waits.
            lazyConnection: true,
            autoIndex: false,
            ...MONGO_OPTIONS,
            connectionFactory: (connection: MongoConnection) => keepConnecting(connection, settings.mongoUrl),
          }),
        }),
      ],
    };
  }
}
