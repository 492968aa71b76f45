// @ts-check
/** Catches mail and text messages instead of sending them. */
import path from 'node:path';
import { folderOf } from '../stack/folders.mjs';
import { isGiven, ROOT } from '../stack/plan.mjs';
import { answersLine, answersOk } from '../stack/waiting.mjs';

/** @type {import('./all-parts.mjs').Part} */
export const mailbox = {
  name: 'mailbox',
  instances: (plan) =>
    isGiven(plan, 'mailbox') ? [] : [{ id: 'mailbox', title: 'mailbox', ports: [plan.ports.mailbox, plan.ports.smtp] }],
  obtain: async () => {},
  async launch(plan, instance) {
    const [http, smtp] = instance.ports.map(String);
    const env = {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: http,
      SMTP_PORT: smtp,
      MAILBOX_DATA: folderOf(plan, 'data', 'mailbox'),
    };
    return { command: process.execPath, args: [path.join(ROOT, 'local/services/mailbox.mjs')], env, cwd: ROOT };
  },
  async answers(_, { ports: [http, smtp] }) {
    await answersOk(`http://127.0.0.1:${http}/health`);
    // Nothing is said first: the server hangs up on clients that talk before its greeting.
    await answersLine(smtp, '', '220');
  },
  readySeconds: 20,
  stopSignal: 'SIGTERM',
  graceSeconds: 5,
};
