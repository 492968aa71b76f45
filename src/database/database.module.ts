import { Logger, Module, type DynamicModule } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Connection as MongoConnection } from 'mongoose';
import type { DataSourceOptions } from 'typeorm';
import { Settings } from '../settings/settings';
import { CONNECTIONS, connectionOptions, type Connection } from './connections';

const MONGO_OPTIONS = { serverSelectionTimeoutMS: 2_000, maxPoolSize: 10 };
const MONGO_RETRY_MS = 2_000;

/** The driver comes back by itself once it was connected; only a first connection that failed must be tried again. */
function keepConnecting(connection: MongoConnection, url: string): MongoConnection {
  const logger = new Logger('MongoDB');
  connection.set('bufferTimeoutMS', MONGO_OPTIONS.serverSelectionTimeoutMS);
  connection.on('error', (error: Error) => logger.warn(error.message));
  const retry = (): void => {
    setTimeout(() => connection.openUri(url, MONGO_OPTIONS).catch(retry), MONGO_RETRY_MS).unref();
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
