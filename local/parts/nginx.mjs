// @ts-check
/** Nginx with TLS in front of the app servers, from the same templates the official image renders. */
import fs from 'node:fs';
import path from 'node:path';
import { nginxPrograms } from '../setup/nginx-program.mjs';
import { isOpenToAll } from '../setup/postgres-programs.mjs';
import { isRoot, run } from '../setup/programs.mjs';
import { folderOf } from '../stack/folders.mjs';
import { inStack, ROOT } from '../stack/plan.mjs';
import { imagesFolder } from '../stack/settings.mjs';
import { answersOk } from '../stack/waiting.mjs';

/** @typedef {import('../stack/plan.mjs').Plan} Plan */

const TEMPLATES = path.join(ROOT, 'nginx', 'templates');

/** @param {Plan} plan */
export const certificateFile = (plan) => inStack(plan, 'tls', 'certificate.pem');

/** What the templates and active-check.sh read; compose gives the same names. @param {Plan} plan */
export function nginxVariables(plan) {
  const folder = folderOf(plan, 'nginx');
  /** @type {Record<string, string>} */
  const variables = {
    NGINX_HTTP_LISTEN: `127.0.0.1:${plan.ports.http}`,
    NGINX_HTTPS_LISTEN: `127.0.0.1:${plan.ports.https}`,
    NGINX_HTTPS_SUFFIX: `:${plan.ports.https}`,
    NGINX_CERTIFICATE: certificateFile(plan),
    NGINX_CERTIFICATE_KEY: inStack(plan, 'tls', 'key.pem'),
    NGINX_STATIC_ROOT: path.join(ROOT, 'nginx', 'static'),
    NGINX_IMAGES_ROOT: imagesFolder(plan),
    NGINX_UPSTREAM_FILE: path.join(folder, 'upstream-servers.conf'),
    NGINX_RUN_FOLDER: folderOf(plan, 'nginx', 'run'),
    NGINX_ACCESS_LOG: path.join(folderOf(plan, 'logs'), 'nginx-access.log'),
    NGINX_USER_LINE: userLine(),
    // Everyone who visits a developer's machine has the same address, load generators too.
    NGINX_CONNECTIONS_PER_ADDRESS: process.env.NGINX_CONNECTIONS_PER_ADDRESS || '4096',
    NGINX_APP_SERVERS: [plan.ports.app1, plan.ports.app2].map((port) => `127.0.0.1:${port}`).join(' '),
  };
  return variables;
}

/** Workers leave root behind, unless that would hide the static files of a clone in root's own folder from them. */
function userLine() {
  if (!isRoot) return '';
  if (!isOpenToAll(ROOT)) return 'user root;';
  const group = fs.readFileSync('/etc/group', 'utf8').includes('\nnogroup:') ? 'nogroup' : 'nobody';
  return `user nobody ${group};`;
}

/** @param {Plan} plan @param {Record<string, string>} variables */
function render(plan, variables) {
  const target = folderOf(plan, 'nginx');
  for (const name of fs.readdirSync(TEMPLATES, { recursive: true }).map(String)) {
    if (!name.endsWith('.template')) continue;
    const text = fs.readFileSync(path.join(TEMPLATES, name), 'utf8');
    const file = path.join(target, name.replace(/\.template$/, ''));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(
      file,
      text.replaceAll(/\$\{(NGINX_\w+)\}/g, (whole, key) => variables[key] ?? whole),
    );
  }
}

/** Self-signed, made once a data folder. @param {Plan} plan @param {string} openssl */
async function ensureCertificate(plan, openssl) {
  const folder = folderOf(plan, 'tls');
  const certificate = certificateFile(plan);
  if (fs.existsSync(certificate)) return;
  const unfinished = `${certificate}.unfinished`;
  const subject = [
    '-subj',
    '/CN=localhost/O=Tradepost development',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
  ];
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    path.join(folder, 'key.pem'),
  ];
  await run(openssl, ['req', '-x509', '-days', '825', ...key, '-out', unfinished, ...subject]);
  fs.chmodSync(path.join(folder, 'key.pem'), 0o600);
  fs.renameSync(unfinished, certificate);
}

/** The arguments that make every call of nginx speak of this stack's. @param {Plan} plan */
export const nginxArguments = (plan) => [
  '-p',
  inStack(plan, 'nginx'),
  '-e',
  'stderr',
  '-c',
  inStack(plan, 'nginx', 'nginx.conf'),
];

/** @type {import('./all-parts.mjs').Part} */
export const nginx = {
  name: 'nginx',
  instances: (plan) =>
    plan.servicesOnly ? [] : [{ id: 'nginx', title: 'nginx', ports: [plan.ports.https, plan.ports.http] }],
  obtain: () => nginxPrograms(),
  async launch(plan) {
    const { nginx: command, openssl } = await nginxPrograms();
    const variables = nginxVariables(plan);
    await ensureCertificate(plan, openssl);
    render(plan, variables);
    const env = { ...process.env, ...variables };
    await run('sh', [path.join(ROOT, 'nginx', 'active-check.sh'), 'write-all'], { env });
    const args = [...nginxArguments(plan), '-g', 'daemon off;'];
    await run(command, ['-t', ...args], { env });
    return { command, args, env, cwd: ROOT };
  },
  answers: (plan) => answersOk(`https://127.0.0.1:${plan.ports.https}/static/images/mug.svg`),
  readySeconds: 20,
  stopSignal: 'SIGTERM',
  graceSeconds: 5,
};
