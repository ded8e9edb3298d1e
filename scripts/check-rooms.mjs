// Checks the rooms of src/ against the table of docs/architecture.md: `npm run lint`. A row has a room, its content, its number of lines
// at most, and the rooms that it imports, which are in rows above it. Reports
// - an import that the row does not list, a listed import that no file has, a room without a row (imports of types count);
// - files or directories that import each other in a circle, at each level of directories;
// - a room with more lines of TypeScript than its number, without tests and generated files; likewise the lines of the other places that
//   the page names.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url)));
const PAGE = 'docs/architecture.md';
const page = readFileSync(join(root, PAGE), 'utf8');
const errors = [];

const ROW = /^\| `src\/([\w-]+)(?:\.ts|\/)` \|.*\| ([\d,]+) \| (.*) \|$/gm;
/** The rooms, in the order of the page. */
const rooms = new Map(
  Array.from(page.matchAll(ROW), ([, room, lines, list]) => [
    room,
    {
      atMost: numberOf(lines),
      imports: new Set(Array.from(list.matchAll(/`([\w-]+)`/g), ([, name]) => name)),
    },
  ]),
);
/** The sources, by their paths below src/. */
const sources = new Map(
  filesOf('src')
    .filter((path) => /(?<!\.test|\.gen)\.ts$/.test(path))
    .map((path) => [path, readFileSync(join(root, 'src', path), 'utf8')]),
);
/** The paths that each source imports. Generated files are sources here. */
const imports = new Map(
  Array.from(sources, ([path, text]) => [
    path,
    Array.from(text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*'(\.[^']+)'/gm), ([, other]) =>
      normalize(join(dirname(path), other)),
    ),
  ]),
);

checkImports();
checkCircles();
checkLines();
for (const error of errors) console.error(error);
if (errors.length > 0) process.exitCode = 1;

function checkImports() {
  const order = [...rooms.keys()];
  for (const [room, { imports }] of rooms)
    for (const other of imports)
      if (!rooms.has(other) || order.indexOf(other) >= order.indexOf(room))
        errors.push(`${PAGE}: ${room} lists ${other}, which has no row above it`);
  const used = new Set();
  for (const [path, others] of imports) {
    const room = roomOf(path);
    if (!rooms.has(room)) errors.push(`src/${path}: ${PAGE} has no row for ${room}`);
    for (const other of others) {
      used.add(`${room} ${roomOf(other)}`);
      if (roomOf(other) !== room && !rooms.get(room)?.imports.has(roomOf(other)))
        errors.push(
          `src/${path} imports src/${other}: ${PAGE} does not allow ${room} to import ${roomOf(other)}`,
        );
    }
  }
  for (const [room, { imports }] of rooms)
    for (const other of imports)
      if (!used.has(`${room} ${other}`))
        errors.push(`${PAGE}: ${room} lists ${other}, but imports nothing from it`);
}

/** Reports circles at each level: the files and directories of a directory are the nodes, and imports of anything in them the edges. */
function checkCircles() {
  /** For each directory, the edges between its entries: for each entry the other entries, with one import as an example. */
  const levels = new Map();
  for (const [path, others] of imports)
    for (const other of others) {
      const [from, to] = [path.split('/'), other.split('/')];
      const level = from.findIndex((step, index) => step !== to[index]);
      // The order of the rooms rules out circles of rooms.
      if (level < 1) continue;
      const folder = ['src', ...from.slice(0, level)].join('/');
      const edges = levels.get(folder) ?? levels.set(folder, new Map()).get(folder);
      const entry = edges.get(from[level]) ?? edges.set(from[level], new Map()).get(from[level]);
      if (!entry.has(to[level])) entry.set(to[level], `src/${path} imports src/${other}`);
    }
  for (const edges of levels.values()) {
    const finished = new Set();
    const visit = (entry, path) => {
      const start = path.indexOf(entry);
      if (start >= 0) {
        const circle = [...path.slice(start), entry];
        const examples = circle.slice(1).map((next, index) => edges.get(circle[index]).get(next));
        errors.push(`circular: ${examples.join(', ')}`);
      }
      if (start >= 0 || finished.has(entry)) return;
      for (const next of edges.get(entry)?.keys() ?? []) visit(next, [...path, entry]);
      finished.add(entry);
    };
    for (const entry of edges.keys()) visit(entry, []);
  }
}

function checkLines() {
  const counts = new Map();
  for (const [path, text] of sources)
    counts.set(roomOf(path), (counts.get(roomOf(path)) ?? 0) + linesOf(text));
  for (const [room, { atMost }] of rooms) compare(`src/${room}`, counts.get(room) ?? 0, atMost);
  const all = [...counts.values()].reduce((sum, lines) => sum + lines, 0);
  compare('src', all, limit(/TypeScript of `src\/`: at most ([\d,]+) lines/));
  compare(
    'the templates and scripts of src/targets',
    lengthOf('src/targets', /\.(?:eta|sh)$/),
    limit(/templates and scripts of `src\/targets\/`: at most ([\d,]+) lines/),
  );
  compare('scripts', lengthOf('scripts', /\.(?:mjs|ts|sh)$/), limit(/`scripts\/`: at most ([\d,]+) lines/));
}

function compare(place, lines, atMost) {
  if (lines > atMost)
    errors.push(`${place} has ${lines} lines, ${lines - atMost} more than ${PAGE} allows (${atMost})`);
}

function limit(sentence) {
  const [, lines] = sentence.exec(page) ?? [];
  if (!lines) errors.push(`${PAGE} does not have ${sentence.source}`);
  return numberOf(lines ?? 'Infinity');
}

function lengthOf(folder, names) {
  return filesOf(folder)
    .filter((path) => names.test(path))
    .reduce((sum, path) => sum + linesOf(readFileSync(join(root, folder, path), 'utf8')), 0);
}

function filesOf(folder) {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return paths.map((path) => path.replaceAll('\\', '/')).sort();
}

function linesOf(text) {
  return text.split('\n').length - 1;
}

function numberOf(text) {
  return Number(text.replaceAll(',', ''));
}

/** Returns the directory below src/ of a file, or the name of a file in src/ itself. */
function roomOf(path) {
  return path.split('/')[0].replace(/\.ts$/, '');
}
