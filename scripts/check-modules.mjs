// Checks the imports of src/ against docs/architecture.md: `npm run lint`. Each row of the page's table contains a module, its content,
// and the modules that it imports. Reports an import that is not listed, a listed import that no file has, and a row that lists a
// module below it. Also reports a file without a row, and circular imports. Type imports are checked too.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url)));
const page = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
const errors = [];

/** The modules that each module may import, in the order of the page. */
const allowed = new Map(
  Array.from(page.matchAll(/^\| `src\/([\w-]+)(?:\.ts|\/)` \|.*\| (.*) \|$/gm), ([, module, list]) => [
    module,
    new Set(Array.from(list.matchAll(/`([\w-]+)`/g), ([, name]) => name)),
  ]),
);
const order = [...allowed.keys()];
for (const [module, list] of allowed)
  for (const other of list)
    if (order.indexOf(other) < 0 || order.indexOf(other) >= order.indexOf(module))
      errors.push(`docs/architecture.md: ${module} lists ${other}, which has no row above it`);

/** The files that each file imports, by their paths below src/. */
const imports = new Map();
for (const path of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).sort()) {
  if (!path.endsWith('.ts') || path.endsWith('.test.ts')) continue;
  const text = readFileSync(join(root, 'src', path), 'utf8');
  const imported = text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*'(\.[^']+)'/gm);
  imports.set(
    path,
    Array.from(imported, ([, other]) => join(dirname(path), other)),
  );
}

const used = new Set();
for (const [file, others] of imports) {
  const module = moduleOf(file);
  if (!allowed.has(module)) errors.push(`src/${file}: docs/architecture.md has no row for ${module}`);
  for (const other of others) {
    const target = moduleOf(other);
    used.add(`${module} ${target}`);
    if (target !== module && !allowed.get(module)?.has(target))
      errors.push(
        `src/${file} imports src/${other}: docs/architecture.md does not allow ${module} to import ${target}`,
      );
  }
}
for (const [module, list] of allowed)
  for (const other of list)
    if (!used.has(`${module} ${other}`))
      errors.push(`docs/architecture.md: ${module} lists ${other}, but imports nothing from it`);

const finished = new Set();
const path = [];
for (const file of imports.keys()) findCircles(file);

for (const error of errors) console.error(error);
if (errors.length > 0) process.exitCode = 1;

function findCircles(file) {
  if (finished.has(file)) return;
  const start = path.indexOf(file);
  if (start >= 0) {
    errors.push(`circular: ${[...path.slice(start), file].map((one) => `src/${one}`).join(' imports ')}`);
    return;
  }
  path.push(file);
  for (const other of imports.get(file) ?? []) findCircles(other);
  path.pop();
  finished.add(file);
}

/** Returns the directory below src/ of a file, or the name of a file in src/ itself. */
function moduleOf(file) {
  return file.split('/')[0].replace(/\.ts$/, '');
}
