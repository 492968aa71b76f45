import { WinstonModule } from 'nest-winston';
import { config, format, transports } from 'winston';
import { withoutEmails } from '../common/masked-text';
import { currentTrace, traceIdOf } from '../common/trace-context';
import { LogStoreStream } from './log-store.stream';
import type { Settings } from '../settings/settings';

/** Fields that may never reach a log, wherever they come from. */
const SECRET = /password|token|secret|authorization/i;

/** A stack comes as a list. */
function withoutPeople(value: unknown): unknown {
  if (typeof value === 'string') return withoutEmails(value);
  return Array.isArray(value) ? value.map(withoutPeople) : value;
}

const withTrace = format((line) => {
  const trace = currentTrace();
  if (trace) {
    line['requestId'] = trace.requestId;
    line['traceId'] = traceIdOf(trace.traceparent);
  }
  for (const [name, value] of Object.entries(line)) {
    if (SECRET.test(name)) line[name] = '[removed]';
    else line[name] = withoutPeople(value);
  }
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
