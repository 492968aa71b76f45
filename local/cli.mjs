// @ts-check
/**
 * npm run migration:run|revert|generate -- <connection>, and any other command of the application's command line.
 * With a stack in STACK_DIR its databases are meant; without one, those the environment names.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { buildApplication, checkNode, installDependencies } from './setup/dependencies.mjs';
import { recordedPlan, ROOT } from './stack/plan.mjs';
import { runCommand, sayAside, Trouble } from './stack/say.mjs';
import { commandSettings } from './stack/settings.mjs';

function settings() {
  try {
    return commandSettings(recordedPlan());
  } catch (error) {
    if (!(error instanceof Trouble) || !process.env.USERS_DATABASE_OWNER_URL) throw error;
    return process.env;
  }
}

await runCommand(async () => {
  sayAside();
  checkNode();
  const env = settings();
  await installDependencies();
  await buildApplication();
  const args = [path.join(ROOT, 'dist', 'src', 'cli.js'), ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
});
