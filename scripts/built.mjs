// Whether dist/ is the build of the present sources: a digest of everything that the build reads.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const RECORD = join(root, 'dist', 'built-from');

/** Whether dist/ and the generated types are there and were built from the present sources. */
export function isBuilt() {
  return (
    existsSync(RECORD) &&
    existsSync(join(root, 'src/knowledge/site-inventory.gen.ts')) &&
    readFileSync(RECORD, 'utf8') === digest()
  );
}

/** Records the sources of the build that has just ended. */
export function recordBuild() {
  writeFileSync(RECORD, digest());
}

function digest() {
  const sources = ['src', 'scripts', 'schema'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.test\.ts$|\.gen\.ts$|^site\.schema\.json$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const hash = createHash('sha256');
  for (const path of [
    ...sources,
    join(root, 'package.json'),
    join(root, 'package-lock.json'),
    join(root, 'tsconfig.build.json'),
  ].sort())
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}
