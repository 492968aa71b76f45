// @ts-check
/** Schemathesis and sqlmap, with everything they need at pinned versions, in an environment of their own outside the tree. */
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { cached } from '../../local/setup/cache.mjs';
import { run } from '../../local/setup/programs.mjs';

const REQUIREMENTS = path.join(import.meta.dirname, 'requirements.txt');

/** @returns {Promise<string>} the interpreter that finds them */
export async function python() {
  const pinned = crypto.createHash('sha256').update(fs.readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const folder = await cached({
    item: `fuzz-${pinned}`,
    part: 'Schemathesis and sqlmap',
    hint: 'about 30 s',
    fetch: async (unfinished) => {
      await run('python3', ['-m', 'venv', unfinished]);
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS];
      await run(path.join(unfinished, 'bin/python'), pip);
    },
  });
  return path.join(folder, 'bin/python');
}
