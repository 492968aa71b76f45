// @ts-check
/** MongoDB: a real mongod as a replica set of one, or the stand-in that speaks its protocol. */
import path from 'node:path';
import { mongoProgram } from '../setup/mongo-program.mjs';
import { folderOf } from '../stack/folders.mjs';
import { isGiven, ROOT } from '../stack/plan.mjs';
import { mongoUrl } from '../stack/settings.mjs';

/** @type {import('./all-parts.mjs').Part} */
export const mongo = {
  name: 'mongo',
  instances: (plan) => (isGiven(plan, 'mongo') ? [] : [{ id: 'mongo', title: 'mongo', ports: [plan.ports.mongo] }]),
  obtain: () => mongoProgram(),
  async launch(plan, instance) {
    const { kind, command } = await mongoProgram();
    // Two formats on disk: changing the program must not open the other's files.
    const data = folderOf(plan, 'data', kind === 'mongod' ? 'mongo' : 'mongo-secantus');
    const port = String(instance.ports[0]);
    if (kind === 'mongod') {
      const configuration = path.join(ROOT, 'config', 'mongo', 'mongod.conf');
      const args = ['--config', configuration, '--dbpath', data, '--port', port, '--bind_ip', '127.0.0.1'];
      return { command, args, cwd: data };
    }
    const sizes = ['--cache-size', '256M', '--log-file-max', '16MB'];
    // Without --sync-on-commit a killed server loses writes it had acknowledged.
    const args = [
      '--host',
      '127.0.0.1',
      '--port',
      port,
      '--storage-path',
      data,
      ...sizes,
      '--sync-on-commit',
      '--log-level',
      'WARNING',
    ];
    return { command, args, cwd: data };
  },
  async answers(plan) {
    const { kind } = await mongoProgram();
    const { default: mongoose } = await import('mongoose');
    const connection = mongoose.createConnection(mongoUrl(plan), {
      serverSelectionTimeoutMS: 2000,
      monitorCommands: false,
    });
    connection.on('error', () => {});
    try {
      await connection.asPromise();
      const admin = /** @type {import('mongoose').mongo.Db} */ (connection.db).admin();
      const hello = await admin.command({ hello: 1 });
      if (hello.isWritablePrimary) return;
      if (kind === 'mongod' && !hello.setName) await initiate(admin, plan.ports.mongo);
      throw new Error('not primary yet');
    } finally {
      await connection.close().catch(() => {});
    }
  },
  readySeconds: 60,
  stopSignal: 'SIGTERM',
  graceSeconds: 15,
};

/** @param {import('mongoose').mongo.Admin} admin @param {number} port */
async function initiate(admin, port) {
  await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: `127.0.0.1:${port}` }] } });
}
