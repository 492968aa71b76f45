// @ts-check
/** Chromium, for the tests of pages only: from the PATH (Chrome will do), else the system's package. */
import { Trouble } from '../stack/say.mjs';
import { canInstall, find, installPackages, majorVersion } from './programs.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** What `playwright-core` of package.json was made for is newer; older ones than this are known to fail. */
const LOWEST = 120;

/** @returns {Promise<string>} the browser's command */
export async function chromiumProgram() {
  const found = await installed();
  if (found) return found;
  if (!canInstall()) throw new Trouble('browser: no Chromium here: install chromium (or Chrome) and start again');
  try {
    await installPackages('browser', ['chromium']);
  } catch (error) {
    throw new Trouble(`browser: Chromium could not be fetched: ${/** @type {Error} */ (error).message}`);
  }
  const fetched = await installed();
  if (fetched) return fetched;
  throw new Trouble('browser: the package chromium has no browser in it here: install Chromium or Chrome');
}

/** A name alone proves nothing: Ubuntu's `chromium-browser` may be a script that asks for snap. */
async function installed() {
  for (const name of NAMES) {
    const file = find(name);
    if (file && (await majorVersion(file)) >= LOWEST) return file;
  }
  return null;
}
