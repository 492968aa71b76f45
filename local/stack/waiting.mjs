// @ts-check
/** Asking a service whether it answers. */
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks until the answer comes; a rejected question counts as "not yet".
 * @param {() => Promise<unknown>} question
 * @param {{ seconds: number, gaveUp?: () => boolean }} bounds
 * @returns {Promise<boolean>}
 */
export async function until(question, { seconds, gaveUp = () => false }) {
  const deadline = Date.now() + seconds * 1000;
  for (let pause = 40; Date.now() < deadline; pause = Math.min(pause * 1.5, 500)) {
    try {
      await question();
      return true;
    } catch {
      if (gaveUp()) return false;
      await sleep(pause);
    }
  }
  return false;
}

/** Resolves when `url` answers 200; a self-signed certificate is fine. @param {string} url @returns {Promise<void>} */
export function answersOk(url) {
  const client = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const request = client.get(url, { timeout: 3000, agent: false, rejectUnauthorized: false }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${url} answers ${response.statusCode}`));
    });
    request.on('timeout', () => request.destroy(new Error(`${url} is silent`)));
    request.on('error', reject);
  });
}

/** Sends a line and waits for a text in the answer. @param {number} port @param {string} line @param {string} expected @returns {Promise<void>} */
export function answersLine(port, line, expected) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    let heard = '';
    socket.setTimeout(2000, () => socket.destroy(new Error('silent')));
    if (line) socket.on('connect', () => socket.write(line));
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      if (!heard.includes('\n')) return;
      socket.destroy();
      if (heard.includes(expected)) resolve();
      else reject(new Error(heard.trim()));
    });
  });
}

/** @param {number} port @returns {Promise<boolean>} */
export function portIsFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
