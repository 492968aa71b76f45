import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { UnavailableError } from '../common/app-error';
import { Settings } from '../settings/settings';
import { pathOf, type EncodedImage } from './images.types';

const FOLDER = /^[0-9a-f]{2}$/;
/** Our own: images, and what was left half written. */
const OWN = /^\.?[0-9a-f]{32}-\d+\.webp(\..+)?$/;

async function exists(path: string, size: number): Promise<boolean> {
  return stat(path).then(
    (found) => found.size === size,
    () => false,
  );
}

/** The folder of images. A name holds the hash of its content, so that no file ever changes. */
@Injectable()
export class ImageStoreService {
  constructor(private readonly settings: Settings) {}

  /** All sizes are there, each whole, or an error is thrown; what was written before it harms nobody. */
  async put({ hash, sizes }: EncodedImage): Promise<void> {
    try {
      for (const { width, bytes } of sizes) {
        await this.write(join(this.settings.imagesDir, pathOf(hash, width)), bytes);
      }
    } catch {
      throw new UnavailableError('The folder of images');
    }
  }

  /** Files not touched for so long, by their path below the folder. */
  async olderThan(milliseconds: number): Promise<string[]> {
    const root = this.settings.imagesDir;
    const before = Date.now() - milliseconds;
    const old: string[] = [];
    for (const folder of (await readdir(root).catch(() => [])).filter((name) => FOLDER.test(name))) {
      for (const name of (await readdir(join(root, folder))).filter((file) => OWN.test(file))) {
        const found = await stat(join(root, folder, name)).catch(() => null);
        if (found?.isFile() && found.mtimeMs < before) old.push(`${folder}/${name}`);
      }
    }
    return old;
  }

  async remove(path: string): Promise<void> {
    await unlink(join(this.settings.imagesDir, path)).catch(() => undefined);
  }

  private async write(path: string, bytes: Buffer): Promise<void> {
    if (await exists(path, bytes.length)) return;
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
    const file = await open(unfinished, 'wx', 0o644);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  }
}
