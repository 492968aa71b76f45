import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const ROOT = join(__dirname, '..', '..');

/** This machine's Chromium, fetched when it has none. Throws where it cannot be had: nothing passes unseen. */
export async function startBrowser(): Promise<Browser> {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'local/browser.mjs')], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('These tests need Chromium, and there is none: see the line above.');
  return chromium.launch({ executablePath: stdout });
}

/** What a page should not do: errors of any kind (refusals of its policy are such), and asking another server. */
export function watch(page: Page): string[] {
  const faults: string[] = [];
  const own = (url: string): boolean =>
    /^(data|blob|about):/.test(url) || new URL(url).host === new URL(page.url()).host;
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('requestfailed', (request) => faults.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    if (!request.isNavigationRequest() && !own(request.url())) faults.push(`asked ${request.url()}`);
  });
  return faults;
}
