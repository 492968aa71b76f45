// @ts-check
/** The parts of the stack, in the order they are started. To add one: write its module, list it here. */
import { app } from './app.mjs';
import { kafka } from './kafka.mjs';
import { mailbox } from './mailbox.mjs';
import { mongo } from './mongo.mjs';
import { nginxCheck } from './nginx-check.mjs';
import { nginx } from './nginx.mjs';
import { postgres } from './postgres.mjs';
import { provider } from './provider.mjs';
import { redis } from './redis.mjs';

/**
 * @typedef {import('../stack/plan.mjs').Plan} Plan
 * @typedef {{ id: string, title: string, ports: number[] }} Instance  one operating-system process (with its workers)
 * @typedef {{
 *   name: string,
 *   instances: (plan: Plan) => Instance[],
 *   obtain: (plan: Plan) => Promise<unknown>,
 *   launch: (plan: Plan, instance: Instance) => Promise<import('../stack/children.mjs').Launch>,
 *   answers: (plan: Plan, instance: Instance) => Promise<unknown>,
 *   afterStart?: (plan: Plan, instance: Instance) => Promise<unknown>,
 *   readySeconds: number,
 *   stopSignal: NodeJS.Signals,
 *   graceSeconds: number,
 * }} Part
 *   instances: none when the service is given from outside; obtain: fetches its program; launch: makes its data
 *   folder and says how to start it; answers: rejects while it does not answer
 */

/** @type {Part[]} */
export const SERVICES = [postgres, redis, kafka, mongo, provider, mailbox];

/** @type {Part[]} */
export const SERVERS = [app];

/** @type {Part[]} */
export const GATEWAY = [nginx, nginxCheck];

export const PARTS = [...SERVICES, ...SERVERS, ...GATEWAY];
