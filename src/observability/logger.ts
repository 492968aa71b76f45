import { WinstonModule } from 'nest-winston';
import { config, format, transports } from 'winston';
import { currentTrace, traceIdOf } from '../common/trace-context';
import { LogStoreStream } from './log-store.stream';
import type { Settings } from '../settings/settings';

/** Fields that may never reach a log, wherever they come from. */
const SECRET = /password|token|secret|authorization/i;

const withTrace = format((line) => {
  const trace = currentTrace();
  if (trace) {
    line['requestId'] = trace.requestId;
    line['traceId'] = traceIdOf(trace.traceparent);
  }
  for (const name of Object.keys(line)) if (SECRET.test(name)) line[name] = '[removed]';
  return line;
});

/**
 * JSON lines, each with the request's id and trace: a server's on standard output, and its warnings and errors in
 * MongoDB as well; a command's on standard error, since what it prints is its answer.
 */
export function createLogger(settings: Settings, keep: 'stored' | 'printed' = 'printed') {
  return WinstonModule.createLogger({
    level: settings.logLevel,
    defaultMeta: { server: settings.serverName, role: settings.workerRole, pid: process.pid },
    format: format.combine(format.timestamp(), withTrace(), format.json()),
    transports: [
      new transports.Console(keep === 'printed' ? { stderrLevels: Object.keys(config.npm.levels) } : {}),
      ...(keep === 'stored'
        ? [new transports.Stream({ stream: new LogStoreStream(settings.mongoUrl), level: 'warn' })]
        : []),
    ],
  });
}
