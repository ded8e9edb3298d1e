import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const made: string[] = [];

process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** Makes a folder that is gone when the process ends, and gives its path. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'harvgen-test-'));
  made.push(folder);
  return folder;
}

/** Writes files, by path relative to a folder, with the folders that they need; gives the folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** Makes a site in a folder of its own: `site.yaml` of the text, or the files given. Gives the site's folder. */
export function makeSite(content: string | Readonly<Record<string, string>>, name = 'plant'): string {
  const files = typeof content === 'string' ? { 'site.yaml': content } : content;
  return writeFiles(join(scratchFolder(), name), files);
}
