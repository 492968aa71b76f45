// Boots the built app in a stack of its own and asks it for what a shop front would: then everything ends again.
import { spawn } from 'node:child_process';
import fs from 'node:fs';

const env = { ...process.env, PORT_OFFSET: '3000', STACK_DIR: '.local/ci', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
const child = spawn(process.execPath, ['local/start.mjs', '--fresh'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
const ready = new Promise((resolve, reject) => {
  child.stdout.on('data', (text) => {
    process.stdout.write(text);
    if (String(text).includes('Tradepost is ready')) resolve();
  });
  child.on('exit', (code) => reject(new Error(`npm start ended with ${code}`)));
});

let code = 1;
try {
  await ready;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const stack = JSON.parse(fs.readFileSync('.local/ci/stack.json', 'utf8'));
  const health = await (await fetch(`${stack.baseUrl}/health/ready`)).json();
  const products = await (await fetch(`${stack.baseUrl}/v1/products?pageSize=1`)).json();
  const image = await fetch(stack.baseUrl + products.items[0].imageUrl);
  const docs = await fetch(`${stack.baseUrl}/docs-json`);
  const good = health.status === 'ok' && products.page.total >= 200 && image.ok && docs.ok;
  console.log(
    `ready: ${health.status}, products: ${products.page.total}, image: ${image.status}, docs: ${docs.status}`,
  );
  code = good ? 0 : 1;
} catch (error) {
  console.error(String(error));
}
child.removeAllListeners('exit');
child.kill('SIGTERM');
await new Promise((resolve) => child.on('exit', resolve));
process.exit(code);
