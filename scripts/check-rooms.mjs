// Fails where a file of src/ imports what docs/architecture.md does not allow, or where files import each other in a circle. Imports of
// types count. The page is the rule: the rows of its table of rooms are in order, and a room imports from itself and the rooms above it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url)));
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const rooms = Array.from(page.matchAll(/^\| `src\/([\w-]+)(?:\.ts|\/)`/gm), ([, room]) => room);
const faults = [];

/** What each file imports, by their paths below src/. */
const imports = new Map();
for (const file of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).sort()) {
  if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
  const text = readFileSync(join(root, 'src', file), 'utf8');
  const imported = text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*'(\.[^']+)'/gm);
  imports.set(
    file,
    Array.from(imported, ([, to]) => join(dirname(file), to)),
  );
}

for (const [file, imported] of imports) {
  const level = rooms.indexOf(roomOf(file));
  if (level < 0) faults.push(`src/${file}: docs/architecture.md has no room for it`);
  for (const other of imported)
    if (rooms.indexOf(roomOf(other)) > level)
      faults.push(`src/${file} imports src/${other}: ${roomOf(file)} is below ${roomOf(other)}`);
}
for (const room of new Set([...imports.keys()].map(roomOf)))
  if (room === undefined) faults.push('a file has no room');

/** Files that have been followed to their ends, and those on the way to the one that is looked at. */
const done = new Set();
const way = [];
for (const file of imports.keys()) follow(file);

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;

function follow(file) {
  if (done.has(file)) return;
  const start = way.indexOf(file);
  if (start >= 0) {
    faults.push(`a circle: ${[...way.slice(start), file].map((one) => `src/${one}`).join(' > ')}`);
    return;
  }
  way.push(file);
  for (const other of imports.get(file) ?? []) follow(other);
  way.pop();
  done.add(file);
}

/** The folder below src/ that a file is in; of the few files beside them, the file itself. */
function roomOf(file) {
  return file.split('/')[0].replace(/\.ts$/, '');
}
