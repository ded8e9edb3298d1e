import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const made: string[] = [];

process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** Makes a directory that is removed when the process ends. Returns its path. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'harvgen-test-'));
  made.push(folder);
  return folder;
}

/** Writes files, by path relative to a directory, with the directories that they need. Returns the directory. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** Makes a site in its own directory: `site.yaml` with the text, or the given files. Returns the site's directory. */
export function makeSite(content: string | Readonly<Record<string, string>>, name = 'plant'): string {
  const files = typeof content === 'string' ? { 'site.yaml': content } : content;
  return writeFiles(join(scratchFolder(), name), files);
}
