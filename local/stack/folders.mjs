// @ts-check
/** The folders of a stack's data. */
import fs from 'node:fs';
import { inStack } from './plan.mjs';

/** What `--fresh` wipes: a test stack may live in the same folder, it stays. */
export const OWN_ENTRIES = ['data', 'logs', 'run', 'nginx', 'tls', 'secrets.json', 'stack.json'];

/** A folder in STACK_DIR, made if need be. @param {import('./plan.mjs').Plan} plan @param {...string} parts */
export function folderOf(plan, ...parts) {
  const folder = inStack(plan, ...parts);
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}
