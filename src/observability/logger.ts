import { WinstonModule } from 'nest-winston';
import { format, transports } from 'winston';
import { currentTrace, traceIdOf } from '../common/trace-context';
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

/** JSON lines on standard output, each with the request's id and trace. */
export function createLogger(settings: Settings) {
  return WinstonModule.createLogger({
    level: settings.logLevel,
    defaultMeta: { server: settings.serverName, role: settings.workerRole, pid: process.pid },
    format: format.combine(format.timestamp(), withTrace(), format.json()),
    transports: [new transports.Console()],
  });
}
