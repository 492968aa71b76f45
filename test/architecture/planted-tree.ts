import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../..');

/** The real rules, beside sources made up for a test. */
const CONFIGURATION = ['package.json', 'tsconfig.json', 'eslint.config.mjs', '.dependency-cruiser.cjs'];

/** A throwaway tree with this project's folder names and this project's rules, and the given sources in it. */
export class PlantedTree {
  readonly root = mkdtempSync(join(tmpdir(), 'tradepost-planted-'));

  constructor(sources: Readonly<Record<string, string>>) {
    for (const file of CONFIGURATION) cpSync(join(ROOT, file), join(this.root, file));
    symlinkSync(join(ROOT, 'node_modules'), join(this.root, 'node_modules'), 'dir');
    for (const [path, text] of Object.entries(sources)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
