// @ts-check
/** Programs the benchmark starts and ends, its stack among them, and plain calls of the API. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..');
const STACK_DIR = path.resolve(ROOT, process.env.STACK_DIR ?? '.local/bench');

/**
 * @typedef {import('node:child_process').ChildProcess} ChildProcess
 * @typedef {{
 *   baseUrl: string, apiUrls: string[], admin: { email: string, password: string }, redis: string, mongo: string,
 *   postgres: { users: string, products: string, orders: string }, pids: Record<string, number | number[]> & { app: number[] },
 * }} Stack as stack.json tells it
 */

/** @param {string[]} args @param {NodeJS.ProcessEnv} env @param {RegExp} ready @returns {Promise<{ child: ChildProcess, said: string }>} */
export function begin(args, env, ready) {
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
      if (ready.test(said)) resolve({ child, said });
    });
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}`)));
  });
}

/** @param {ChildProcess} child */
export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** A program that runs to its end. @param {string[]} args */
export async function runToEnd(args) {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`);
}

/** An empty stack of its own, without limits of rate. @param {NodeJS.ProcessEnv} [settings] */
export async function beginStack(settings = {}) {
  const env = {
    ...process.env,
    PORT_OFFSET: process.env.PORT_OFFSET ?? '2000',
    STACK_DIR,
    RATE_LIMIT_SCALE: '100000',
    ...settings,
  };
  const { child } = await begin(['local/start.mjs', '--fresh'], env, /Tradepost is ready/);
  return { child, stack: runningStack() };
}

/** @returns {Stack} */
export const runningStack = () => JSON.parse(fs.readFileSync(path.join(STACK_DIR, 'stack.json'), 'utf8'));

/** @param {string} base @param {string} method @param {string} route @param {object} [body] @param {string} [token] */
export async function call(base, method, route, body, token) {
  const response = await fetch(base + route, {
    method,
    headers: {
      ...(body ? { 'content-type': 'application/json', 'idempotency-key': randomUUID() } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: body ? JSON.stringify(body) : null,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${route} answered ${response.status}: ${text.slice(0, 500)}`);
  return text === '' ? null : JSON.parse(text);
}
