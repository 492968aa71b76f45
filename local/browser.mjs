// @ts-check
/**
 * node local/browser.mjs
 * Prints where this machine's Chromium is; fetches it when there is none. For the tests that need a browser, and for them alone.
 */
import { chromiumProgram } from './setup/chromium-program.mjs';
import { runCommand, sayAside } from './stack/say.mjs';

await runCommand(async () => {
  sayAside();
  process.stdout.write(await chromiumProgram());
});
