// @ts-check
/** Toxiproxy between the servers and their stores: cuts connections in the middle of a request, or makes them slow. */
import { spawn } from 'node:child_process';
import { toxiproxyProgram } from '../../local/setup/toxiproxy-program.mjs';
import { answersOk, until } from '../../local/stack/waiting.mjs';

/** @typedef {{ name: string, listen: number, upstream: number }} Link */

export class Toxiproxy {
  /** @param {import('node:child_process').ChildProcess} child @param {string} url */
  constructor(child, url) {
    this.child = child;
    this.url = url;
  }

  /** @param {number} port @param {Link[]} links */
  static async start(port, links) {
    const command = await toxiproxyProgram();
    const child = spawn(command, ['-host', '127.0.0.1', '-port', String(port)], {
      stdio: 'ignore',
      env: { ...process.env, LOG_LEVEL: 'error' },
    });
    process.once('exit', () => child.kill('SIGKILL'));
    const proxy = new Toxiproxy(child, `http://127.0.0.1:${port}`);
    const answers = await until(() => answersOk(`${proxy.url}/version`), { seconds: 10 });
    if (!answers) throw new Error('toxiproxy does not answer');
    for (const { name, listen, upstream } of links) {
      await proxy.#send('POST', '/proxies', {
        name,
        listen: `127.0.0.1:${listen}`,
        upstream: `127.0.0.1:${upstream}`,
        enabled: true,
      });
    }
    return proxy;
  }

  /** Every connection of this link, also those in use, ends with a reset, until healed. @param {string} name */
  async cut(name) {
    const attributes = { timeout: 0 };
    await this.#send('POST', `/proxies/${name}/toxics`, {
      name: 'cut',
      type: 'reset_peer',
      stream: 'downstream',
      attributes,
    });
    await this.#send('POST', `/proxies/${name}/toxics`, {
      name: 'cut-up',
      type: 'reset_peer',
      stream: 'upstream',
      attributes,
    });
  }

  /** Each answer comes that much later, until healed. @param {string} name @param {number} milliseconds */
  async slow(name, milliseconds) {
    const attributes = { latency: milliseconds, jitter: 0 };
    await this.#send('POST', `/proxies/${name}/toxics`, {
      name: 'slow',
      type: 'latency',
      stream: 'downstream',
      attributes,
    });
  }

  async heal() {
    await this.#send('POST', '/reset');
  }

  stop() {
    this.child.kill('SIGTERM');
  }

  /** @param {string} method @param {string} route @param {object} [body] */
  async #send(method, route, body) {
    const response = await fetch(this.url + route, {
      method,
      headers: { 'content-type': 'application/json', 'user-agent': 'tradepost-faults' },
      body: body ? JSON.stringify(body) : null,
    });
    if (!response.ok && response.status !== 409) {
      throw new Error(`toxiproxy: ${method} ${route} answered ${response.status}: ${await response.text()}`);
    }
  }
}
