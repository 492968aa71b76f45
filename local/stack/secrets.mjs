// @ts-check
/** Secrets of one data folder: made once, kept as long as its data. */
import crypto from 'node:crypto';
import fs from 'node:fs';
import { writeWhole } from './children.mjs';
import { inStack } from './plan.mjs';

/**
 * @typedef {{
 *   jwtSecret: string, dataKey: string, webhookSecret: string, adminPassword: string, databaseOwner: string, databaseApp: string,
 *   kafkaCluster: string,
 * }} Secrets
 */

/** @param {import('./plan.mjs').Plan} plan @returns {Secrets} */
export function secretsOf(plan) {
  const file = inStack(plan, 'secrets.json');
  const kept = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
  const word = () => crypto.randomBytes(18).toString('base64url');
  const secrets = {
    jwtSecret: crypto.randomBytes(48).toString('base64url'),
    dataKey: crypto.randomBytes(48).toString('base64url'),
    webhookSecret: `whsec_${crypto.randomBytes(32).toString('base64')}`,
    adminPassword: word(),
    databaseOwner: word(),
    databaseApp: word(),
    // Kafka's own ids do not begin with a dash either: its tools would take one for an option.
    kafkaCluster: crypto.randomBytes(16).toString('base64url').replace(/^-/, 'A'),
    // What was made before stays; a folder older than one of these secrets gets only that one.
    ...kept,
  };
  if (Object.keys(secrets).every((name) => name in kept)) return secrets;
  writeWhole(file, JSON.stringify(secrets, null, 2), 0o600);
  return secrets;
}
